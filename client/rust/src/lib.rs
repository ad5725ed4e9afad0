//! Asks an Assay server whether events are well-formed, plausible and normal.
//!
//! [`v1`] is the wire contract `assay.v1` as prost and tonic make it: messages, enums, and a client for each service.
//! Beside it stands what keeps a caller from reading it wrongly: [`v1::Verdict::is_valid`] and [`v1::Event::from_json`].

#[allow(missing_docs, clippy::all, clippy::pedantic, rustdoc::all)]
#[path = "gen/assay/v1/assay.v1.rs"]
#[rustfmt::skip]
pub mod v1;

mod event;
mod verdict;

pub use prost_types;
pub use tonic;

/// Compiles the code in README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
