//! The client API's `POST /connection/listMessages`: its body, checked field by
//! field, and its answer.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::body::{BodyError, broken, field, name, object};
use crate::id;
use crate::name::{ChannelName, EventName};

/// The most messages of one answer.
pub const MAX_MESSAGES: usize = 100;

/// Which stored messages a viewer asks for, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// The channel, by its real name or the viewer's own one.
    pub channel: ChannelName,
    /// Only messages after this one; without effect with `reverse`.
    pub after: Option<String>,
    /// Only messages before this one; without effect without `reverse`.
    pub before: Option<String>,
    /// Newest first.
    pub reverse: bool,
    /// Only this event.
    pub event: Option<EventName>,
    /// At most so many.
    pub limit: usize,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    channel: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    before: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reverse: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    limit: Option<&'a RawValue>,
}

impl HistoryRequest {
    /// Reads and checks a body. Fields that are not known are ignored, and a
    /// field of `null` counts as absent.
    ///
    /// # Errors
    /// The body is not a JSON object, or the first field that breaks its rule.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let fields: Fields<'_> = object(body)?;
        Ok(Self {
            channel: name("channel", fields.channel, ChannelName::new)?,
            after: message_id("after", fields.after)?,
            before: message_id("before", fields.before)?,
            reverse: field("reverse", fields.reverse)?.unwrap_or(false),
            event: fields
                .event
                .map(|event| name("event", Some(event), EventName::new))
                .transpose()?,
            limit: limit(fields.limit)?,
        })
    }
}

fn message_id(
    field_name: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<String>, BodyError> {
    let text: Option<String> = field(field_name, raw)?;
    match text {
        Some(text) if id::unix_millis(&text).is_none() => {
            Err(broken(field_name, "must be a message's id"))
        }
        text => Ok(text),
    }
}

fn limit(raw: Option<&RawValue>) -> Result<usize, BodyError> {
    let Some(raw) = raw else {
        return Ok(MAX_MESSAGES);
    };
    match serde_json::from_str::<usize>(raw.get()) {
        Ok(limit @ 1..=MAX_MESSAGES) => Ok(limit),
        _ => Err(broken(
            "limit",
            format!("must be a whole number from 1 to {MAX_MESSAGES}"),
        )),
    }
}

/// The answer: the messages in the order that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryResponse {
    /// The messages.
    pub messages: Vec<StoredMessage>,
}

/// A stored message, as it came over the WebSocket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Its ULID.
    pub id: String,
    /// Its event.
    pub event: String,
    /// Its channel's real name.
    pub channel: String,
    /// Its data, verbatim.
    pub data: Box<RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorDetail;

    #[test]
    fn a_channel_is_all_that_is_needed() {
        let request = HistoryRequest::parse(br#"{"channel":"c","after":null,"x":1}"#).expect("ok");
        assert_eq!(
            request,
            HistoryRequest {
                channel: ChannelName::new("c").expect("valid"),
                after: None,
                before: None,
                reverse: false,
                event: None,
                limit: 100,
            }
        );
    }

    #[test]
    fn every_rule_is_named_with_its_field() {
        for (body, field, rule) in [
            ("{}", "channel", "required"),
            (r#"{"channel":"a b"}"#, "channel", "whitespace"),
            (r#"{"channel":"c","after":"x"}"#, "after", "message's id"),
            (r#"{"channel":"c","before":1}"#, "before", "string"),
            (r#"{"channel":"c","reverse":1}"#, "reverse", "true or false"),
            (
                r#"{"channel":"c","event":"hotsock.x"}"#,
                "event",
                "hotsock.",
            ),
            (r#"{"channel":"c","limit":0}"#, "limit", "1 to 100"),
            (r#"{"channel":"c","limit":101}"#, "limit", "1 to 100"),
            (r#"{"channel":"c","limit":"1"}"#, "limit", "1 to 100"),
        ] {
            let error = HistoryRequest::parse(body.as_bytes()).expect_err(body);
            let detail = ErrorDetail::from(error);
            assert_eq!(detail.field.as_deref(), Some(field));
            assert!(detail.message.contains(rule), "{}", detail.message);
        }
    }
}
