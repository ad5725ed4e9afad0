use prost::bytes::Bytes;

use crate::v1::{event::Body, Event};

impl Event {
    /// Returns an event of a type such as "order.placed", with one JSON object as its payload: UTF-8 text, as
    /// `serde_json::to_vec` gives. It has no identifier, and no timestamp: set them where they are known.
    ///
    /// ```
    /// use assay_client::v1::Event;
    ///
    /// let event = Event {
    ///     event_id: "o-1".into(),
    ///     ..Event::from_json("order.placed", r#"{"items": 2}"#)
    /// };
    /// ```
    pub fn from_json(event_type: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        Self {
            event_type: event_type.into(),
            body: Some(Body::PayloadJson(payload.into())),
            ..Self::default()
        }
    }
}
