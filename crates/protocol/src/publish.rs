//! The publish endpoint, `POST /publish`: its body, checked field by field,
//! and its answer.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::body::{BodyError, broken, field, name, object};
use crate::name::{ChannelName, EventName};

/// The most bytes that a message's encoded data may have.
pub const MAX_DATA_BYTES: usize = 32 * 1024;
/// The most bytes that the body of a publish may have.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The most characters that a deduplication id may have.
pub const MAX_DEDUPLICATION_ID_CHARS: usize = 128;
/// The longest time, in seconds, that a message may be stored for and still
/// expire: about a hundred years.
pub const MAX_STORE_SECONDS: i64 = 3_155_695_200;

/// A message to publish, valid by construction.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// Where to.
    pub channel: ChannelName,
    /// What kind of message it is.
    pub event: EventName,
    /// The payload, verbatim; `None` arrives as `null`.
    pub data: Option<Box<RawValue>>,
    /// A second message on the channel with this id within 5 minutes is
    /// dropped.
    pub deduplication_id: Option<String>,
    /// Whether the answer carries the message's id.
    pub eager_id_generation: bool,
    /// How long the message is kept.
    pub store: Store,
    /// When to publish it, unparsed: `at(2026-07-24T14:30:00)`.
    pub schedule_expression: Option<String>,
    /// The IANA time zone of the schedule; UTC when absent.
    pub schedule_expression_timezone: Option<String>,
}

/// How long a message is kept for those who come later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Store {
    /// Not at all.
    #[default]
    No,
    /// For this many seconds.
    Seconds(u32),
    /// For ever.
    Forever,
}

/// The body's fields as they came: each is checked by itself, so that an error
/// can name it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow, default)]
    channel: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    deduplication_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    eager_id_generation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    store: Option<&'a RawValue>,
    #[serde(borrow, default)]
    schedule_expression: Option<&'a RawValue>,
    #[serde(borrow, default)]
    schedule_expression_timezone: Option<&'a RawValue>,
}

impl PublishRequest {
    /// Reads and checks a body. Fields that are not known are ignored, and a
    /// field of `null` counts as absent.
    ///
    /// # Errors
    /// The body is not a JSON object, or the first field that breaks its rule.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let fields: Fields<'_> = object(body)?;
        let deduplication_id: Option<String> = field("deduplicationId", fields.deduplication_id)?;
        // An empty id is a backend's way to send none: it must not make all of
        // its messages duplicates of each other.
        let deduplication_id = deduplication_id.filter(|id| !id.is_empty());
        if let Some(id) = &deduplication_id
            && id.chars().nth(MAX_DEDUPLICATION_ID_CHARS).is_some()
        {
            return Err(broken(
                "deduplicationId",
                format!("must have at most {MAX_DEDUPLICATION_ID_CHARS} characters"),
            ));
        }
        let data = fields.data.map(RawValue::to_owned);
        if data
            .as_ref()
            .is_some_and(|data| data.get().len() > MAX_DATA_BYTES)
        {
            return Err(broken(
                "data",
                format!("must have at most {MAX_DATA_BYTES} bytes as JSON"),
            ));
        }
        Ok(Self {
            channel: name("channel", fields.channel, ChannelName::new)?,
            event: name("event", fields.event, EventName::new)?,
            data,
            deduplication_id,
            eager_id_generation: field("eagerIdGeneration", fields.eager_id_generation)?
                .unwrap_or(false),
            store: store(fields.store)?,
            schedule_expression: field("scheduleExpression", fields.schedule_expression)?,
            schedule_expression_timezone: field(
                "scheduleExpressionTimezone",
                fields.schedule_expression_timezone,
            )?,
        })
    }
}

fn store(raw: Option<&RawValue>) -> Result<Store, BodyError> {
    let Some(raw) = raw else {
        return Ok(Store::No);
    };
    match serde_json::from_str::<i64>(raw.get()) {
        Ok(0) => Ok(Store::No),
        Ok(-1) => Ok(Store::Forever),
        Ok(seconds @ 1..=MAX_STORE_SECONDS) => Ok(Store::Seconds(
            u32::try_from(seconds).expect("the largest allowed number of seconds fits"),
        )),
        _ => Err(broken(
            "store",
            format!(
                "must be a whole number of seconds: 0 (not stored), -1 (for ever) or up to {MAX_STORE_SECONDS}"
            ),
        )),
    }
}

/// The answer to an accepted publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishResponse {
    /// The channel, as published to.
    pub channel: String,
    /// The event, as published.
    pub event: String,
    /// The message's id, where `eagerIdGeneration` asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name of the schedule, opaque, where the message is published later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_arn: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorDetail;

    fn parse(body: &str) -> Result<PublishRequest, BodyError> {
        PublishRequest::parse(body.as_bytes())
    }

    /// The field that an error names, and its message.
    fn refusal(body: &str) -> (Option<String>, String) {
        let detail = ErrorDetail::from(parse(body).expect_err(body));
        (detail.field, detail.message)
    }

    #[test]
    fn the_smallest_message() {
        let request =
            parse(r#"{"channel":"c","event":"e","unknown":{}}"#).expect("the required fields");
        assert!(request.data.is_none());
        assert_eq!(request.store, Store::No);
        assert!(!request.eager_id_generation);
    }

    #[test]
    fn data_stays_as_it_was_written() {
        let request = parse(r#"{"channel":"c","event":"e","data":{"b" : 1.0e3, "a":[ ]}}"#)
            .expect("a message");
        assert_eq!(
            request.data.expect("data").get(),
            r#"{"b" : 1.0e3, "a":[ ]}"#
        );
    }

    #[test]
    fn every_rule_is_named_with_its_field() {
        let long = "x".repeat(MAX_DATA_BYTES - 1);
        let cases = [
            (r#"{"event":"e"}"#.to_owned(), "channel", "is required"),
            (
                r#"{"channel":null,"event":"e"}"#.into(),
                "channel",
                "is required",
            ),
            (
                r#"{"channel":5,"event":"e"}"#.into(),
                "channel",
                "must be a string",
            ),
            (
                r#"{"channel":"a b","event":"e"}"#.into(),
                "channel",
                "whitespace",
            ),
            (r#"{"channel":"c"}"#.into(), "event", "is required"),
            (
                r#"{"channel":"c","event":"hotsock.x"}"#.into(),
                "event",
                "hotsock.",
            ),
            (
                format!(r#"{{"channel":"c","event":"e","data":"{long}"}}"#),
                "data",
                "32768 bytes",
            ),
            (
                format!(
                    r#"{{"channel":"c","event":"e","deduplicationId":"{}"}}"#,
                    "d".repeat(129)
                ),
                "deduplicationId",
                "128 characters",
            ),
            (
                r#"{"channel":"c","event":"e","deduplicationId":7}"#.into(),
                "deduplicationId",
                "string",
            ),
            (
                r#"{"channel":"c","event":"e","eagerIdGeneration":"yes"}"#.into(),
                "eagerIdGeneration",
                "true or false",
            ),
            (
                r#"{"channel":"c","event":"e","store":-2}"#.into(),
                "store",
                "whole number",
            ),
            (
                r#"{"channel":"c","event":"e","store":1.5}"#.into(),
                "store",
                "whole number",
            ),
            (
                r#"{"channel":"c","event":"e","store":"1"}"#.into(),
                "store",
                "whole number",
            ),
            (
                r#"{"channel":"c","event":"e","store":3155695201}"#.into(),
                "store",
                "3155695200",
            ),
            (
                r#"{"channel":"c","event":"e","scheduleExpression":1}"#.into(),
                "scheduleExpression",
                "string",
            ),
        ];
        for (body, field, rule) in cases {
            let (named, message) = refusal(&body);
            assert_eq!(named.as_deref(), Some(field), "{message}");
            assert!(
                message.contains(rule) && message.contains(field),
                "{message}"
            );
        }
    }

    #[test]
    fn data_of_exactly_the_limit_passes() {
        let data = "x".repeat(MAX_DATA_BYTES - 2);
        assert!(parse(&format!(r#"{{"channel":"c","event":"e","data":"{data}"}}"#)).is_ok());
    }

    #[test]
    fn store_takes_its_whole_range() {
        let store = |value: &str| {
            parse(&format!(r#"{{"channel":"c","event":"e","store":{value}}}"#))
                .map(|request| request.store)
        };
        assert_eq!(store("0"), Ok(Store::No));
        assert_eq!(store("-1"), Ok(Store::Forever));
        assert_eq!(store("3155695200"), Ok(Store::Seconds(3_155_695_200)));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in [
            "",
            "null",
            "[]",
            "5",
            "{",
            r#"["c","e"]"#,
            r#"{"channel":"c","channel":"d"}"#,
        ] {
            let (field, message) = refusal(body);
            assert_eq!(field, None);
            assert!(
                message.starts_with("the body must be a JSON object"),
                "{message}"
            );
        }
        assert!(PublishRequest::parse(b"{\"channel\":\"\xff\"}").is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = PublishRequest::parse(&body);
        }
    }
}
