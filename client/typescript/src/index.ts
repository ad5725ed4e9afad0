/**
 * The TypeScript client of Assay, which tells whether events are well-formed, plausible and normal.
 *
 * @packageDocumentation
 */

export type { Baseline, BaselineQuery, Category, CheckDescription, EventType, Quantile } from "./catalog.js";
export type { Pem, TlsOptions } from "./channel.js";
export { Client, type ClientOptions, type StreamOptions } from "./client.js";
export { Enforcement, isKnown, Layer, nameOf, SkipReason } from "./enums.js";
export {
  AssayError,
  CallError,
  type CallFailure,
  DeadlineExceededError,
  EncodingError,
  type FieldViolation,
  InternalError,
  InvalidEventError,
  MalformedRequestError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  type StatusCode,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.js";
export { type AssayEvent, type EventAttributes, type Payload, Struct } from "./events.js";
export type {
  AnomalyEvidence,
  CategoricalEvidence,
  Contribution,
  Evidence,
  Explanation,
  Finding,
  SkippedCheck,
  StatisticalEvidence,
} from "./findings.js";
export type { EventSource } from "./input.js";
export { type CallOptions, DEFAULT_TUNING, type StreamTuning, type ValidateOptions } from "./options.js";
export type { TimestampLike } from "./timestamps.js";
export type { Verdict } from "./verdict.js";
export { VERSION } from "./version.js";
