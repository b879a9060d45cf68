//! The publish endpoint, `POST /publish`: its request, checked field by field,
//! and its answer.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::body::{Body, BodyError, broken, missing};
use crate::error::ErrorDetail;
use crate::limits::{
    MAX_DATA_BYTES, MAX_DEDUPLICATION_ID_CHARS, MAX_PUBLISHED_AT_ONCE, MAX_STORE_SECONDS,
};
use crate::name::{ChannelName, EventName};

/// A message to publish, valid by construction.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// The channel to publish to.
    pub channel: ChannelName,
    /// The message's event.
    pub event: EventName,
    /// The payload, verbatim; `None` arrives as `null`.
    pub data: Option<Box<RawValue>>,
    /// A second message on the channel with this id within 5 minutes is
    /// accepted and dropped.
    pub deduplication_id: Option<String>,
    /// Whether the answer carries the message's id.
    pub eager_id_generation: bool,
    /// How long the message is kept; `None` if the publisher does not say.
    pub store: Option<Retention>,
    /// When to publish it, unparsed: `at(2026-07-24T14:30:00)`.
    pub schedule_expression: Option<String>,
    /// The IANA time zone of the schedule; UTC when absent.
    pub schedule_expression_timezone: Option<String>,
    /// Fields that are ignored: at most five, each cut to 64 characters.
    pub unknown_fields: Vec<String>,
}

impl PublishRequest {
    /// The names of all fields.
    pub const FIELDS: [&str; 8] = [
        "channel",
        "event",
        "data",
        "deduplicationId",
        "eagerIdGeneration",
        "store",
        "scheduleExpression",
        "scheduleExpressionTimezone",
    ];
}

/// How long a message is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retention {
    /// It is not stored.
    #[default]
    No,
    /// For this many seconds.
    Seconds(u32),
    /// Forever.
    Forever,
}

impl Retention {
    /// The retention that a number means on the wire: 0 for not stored, -1 for
    /// forever, else seconds; `None` for other numbers.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        match seconds {
            0 => Some(Self::No),
            -1 => Some(Self::Forever),
            1..=MAX_STORE_SECONDS => u32::try_from(seconds).ok().map(Self::Seconds),
            _ => None,
        }
    }

    /// The opposite of [`Retention::from_seconds`].
    pub fn seconds(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Seconds(seconds) => seconds.into(),
            Self::Forever => -1,
        }
    }
}

impl PublishRequest {
    /// Reads and checks a request's body.
    ///
    /// # Errors
    /// The body is not a JSON object, or the first field that breaks its rule.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = Body::parse(body)?;
        Ok(Self {
            deduplication_id: deduplication_id(&body)?,
            data: data(&body)?,
            channel: body
                .name("channel", ChannelName::new)?
                .ok_or_else(|| missing("channel"))?,
            event: body
                .name("event", EventName::new)?
                .ok_or_else(|| missing("event"))?,
            eager_id_generation: body.get("eagerIdGeneration")?.unwrap_or(false),
            store: store(&body)?,
            schedule_expression: body.get("scheduleExpression")?,
            schedule_expression_timezone: body.get("scheduleExpressionTimezone")?,
            unknown_fields: body.unknown(&Self::FIELDS),
        })
    }
}

/// Why a body with several messages is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which message is at fault, if one is.
    pub index: Option<usize>,
    /// What is wrong.
    pub detail: ErrorDetail,
}

/// Reads and checks a body with several messages, a JSON array of them; `None` if it is not
/// an array.
///
/// # Errors
/// The array is not JSON or too long, or the first message that is not valid, with its
/// index.
pub fn parse_all(body: &[u8]) -> Option<Result<Vec<PublishRequest>, Refused>> {
    if body.trim_ascii_start().first() != Some(&b'[') {
        return None;
    }
    let refused = |index, message| Refused {
        index,
        detail: ErrorDetail::new("INVALID_BODY", message),
    };
    let messages: Vec<&RawValue> = match serde_json::from_slice(body) {
        Ok(messages) => messages,
        Err(error) => {
            let message = format!("the body must be a JSON array of messages: {error}");
            return Some(Err(refused(None, message)));
        }
    };
    if messages.len() > MAX_PUBLISHED_AT_ONCE {
        let count = messages.len();
        let message =
            format!("the body has {count} messages, and may have at most {MAX_PUBLISHED_AT_ONCE}");
        return Some(Err(refused(None, message)));
    }
    let parse = |(index, message): (usize, &RawValue)| {
        let parsed = PublishRequest::parse(message.get().as_bytes());
        parsed.map_err(|error| match error {
            BodyError::NotAnObject(reason) => {
                let message = format!("a message must be a JSON object: {reason}");
                refused(Some(index), message)
            }
            field => Refused {
                index: Some(index),
                detail: field.into(),
            },
        })
    };
    Some(messages.into_iter().enumerate().map(parse).collect())
}

/// An empty id is a backend's way to send none: it must not make all of its
/// messages duplicates of each other.
fn deduplication_id(body: &Body<'_>) -> Result<Option<String>, BodyError> {
    let id = body.get::<String>("deduplicationId")?;
    let id = id.filter(|id| !id.is_empty());
    match &id {
        Some(id) if id.chars().nth(MAX_DEDUPLICATION_ID_CHARS).is_some() => Err(broken(
            "deduplicationId",
            format!("must have at most {MAX_DEDUPLICATION_ID_CHARS} characters"),
        )),
        _ => Ok(id),
    }
}

fn data(body: &Body<'_>) -> Result<Option<Box<RawValue>>, BodyError> {
    match body.raw("data") {
        Some(data) if data.get().len() > MAX_DATA_BYTES => Err(broken(
            "data",
            format!("must have at most {MAX_DATA_BYTES} bytes as JSON"),
        )),
        data => Ok(data.map(RawValue::to_owned)),
    }
}

fn store(body: &Body<'_>) -> Result<Option<Retention>, BodyError> {
    let Some(raw) = body.raw("store") else {
        return Ok(None);
    };
    let seconds = serde_json::from_str(raw.get()).ok();
    let store = seconds.and_then(Retention::from_seconds);
    store.map(Some).ok_or_else(|| {
        let rule = format!(
            "must be a whole number of seconds: 0 (not stored), -1 (forever) or up to {MAX_STORE_SECONDS}"
        );
        broken("store", rule)
    })
}

/// The answer to an accepted publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishResponse {
    /// The channel, as published to.
    pub channel: ChannelName,
    /// The event, as published.
    pub event: EventName,
    /// The message's id, if `eagerIdGeneration` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The schedule's opaque name, if the message is published later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_arn: Option<String>,
    /// What is probably a mistake though it was accepted, a sentence each. An
    /// extension of Hotsock's protocol.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
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
    fn only_channel_and_event_are_required() {
        let request =
            parse(r#"{"channel":"c","event":"e","unknown":{}}"#).expect("the required fields");
        assert!(request.data.is_none());
        assert_eq!(request.store, None);
        assert!(!request.eager_id_generation);
        assert_eq!(request.unknown_fields, ["unknown"]);
    }

    #[test]
    fn unknown_fields_are_told_within_limits() {
        let long = "x".repeat(100);
        let many: String = (0..9).map(|n| format!(r#""{long}{n}":1,"#)).collect();
        let body = format!(r#"{{{many}"channel":"c","event":"e"}}"#);
        let unknown = parse(&body).expect("a message").unknown_fields;
        assert_eq!(unknown, vec!["x".repeat(64); 5]);
    }

    #[test]
    fn data_is_kept_verbatim() {
        let request = parse(r#"{"channel":"c","event":"e","data":{"b" : 1.0e3, "a":[ ]}}"#)
            .expect("a message");
        assert_eq!(
            request.data.expect("data").get(),
            r#"{"b" : 1.0e3, "a":[ ]}"#
        );
    }

    #[test]
    fn an_error_does_not_repeat_a_long_body() {
        let long = "x".repeat(10_000);
        for (body, expected) in [
            (format!("\"{long}\""), "invalid type: string"),
            (format!(r#"{{"{long}":1,"{long}":2}}"#), "is given twice"),
        ] {
            let error = parse(&body).expect_err("it is refused").to_string();
            assert!(error.len() < 200 && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_error_names_the_field_and_its_rule() {
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
    fn data_may_have_exactly_the_limit() {
        let data = "x".repeat(MAX_DATA_BYTES - 2);
        assert!(parse(&format!(r#"{{"channel":"c","event":"e","data":"{data}"}}"#)).is_ok());
    }

    #[test]
    fn store_accepts_its_whole_range() {
        let store = |value: &str| {
            parse(&format!(r#"{{"channel":"c","event":"e","store":{value}}}"#))
                .map(|request| request.store)
        };
        assert_eq!(store("null"), Ok(None));
        assert_eq!(store("0"), Ok(Some(Retention::No)));
        assert_eq!(store("-1"), Ok(Some(Retention::Forever)));
        let longest = Retention::Seconds(3_155_695_200);
        assert_eq!(store("3155695200"), Ok(Some(longest)));
    }

    #[test]
    fn several_messages_are_an_array() {
        let parse_all = |body: &str| super::parse_all(body.as_bytes());
        assert!(parse_all(r#"{"channel":"c","event":"e"}"#).is_none());
        let message = r#"{"channel":"c","event":"e"}"#;
        let parsed = parse_all(&format!(" [{message}, {message}]")).expect("an array");
        assert_eq!(parsed.expect("valid").len(), 2);
        assert_eq!(parse_all("[]").expect("an array").expect("valid").len(), 0);
        let refusal = |body: &str| {
            let Refused { index, detail } = parse_all(body).expect("an array").expect_err(body);
            (index, detail.field, detail.message)
        };
        let (index, field, message_) = refusal(&format!(r#"[{message},{{"channel":"c"}}]"#));
        assert_eq!((index, field.as_deref()), (Some(1), Some("event")));
        assert_eq!(message_, "`event` is required");
        assert_eq!(refusal("[5]").0, Some(0));
        assert_eq!(refusal("[").0, None);
        let many = format!("[{}]", vec![message; MAX_PUBLISHED_AT_ONCE + 1].join(","));
        let (index, _, message_) = refusal(&many);
        assert_eq!(index, None);
        assert!(
            message_.contains("1001") && message_.contains("1000"),
            "{message_}"
        );
    }

    #[test]
    fn other_bodies_than_objects_are_refused() {
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
        fn no_bytes_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = PublishRequest::parse(&body);
            let _ = parse_all(&[b"[", &body[..]].concat());
        }
    }
}
