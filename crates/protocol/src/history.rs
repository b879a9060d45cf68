//! The client API, `POST /connection/listMessages`: its request, checked field
//! by field, and its answer; the request of `GET /connection/summarizePoints`.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::body::{Body, BodyError, broken, missing};
use crate::id;
use crate::json::{Json, quoted};
use crate::limits::{LAST_SECOND, MAX_BUCKETS, MAX_CHANNELS, MAX_PAGE_MESSAGES};
use crate::message::{ReceivedFrame, STATS_UPDATE};
use crate::name::{ChannelName, EventName};

/// Which stored messages to list, valid by construction.
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
    /// The most messages to return.
    pub limit: usize,
    /// Also the newest `stats-update` with each key that a dashboard shows, if no returned
    /// one has it.
    pub each_key: bool,
}

impl HistoryRequest {
    /// Reads and checks a request's body.
    ///
    /// # Errors
    /// The body is not a JSON object, or the first field that breaks its rule.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = Body::parse(body)?;
        Ok(Self {
            channel: body
                .name("channel", ChannelName::new)?
                .ok_or_else(|| missing("channel"))?,
            after: message_id(&body, "after")?,
            before: message_id(&body, "before")?,
            reverse: body.get("reverse")?.unwrap_or(false),
            event: body.name("event", EventName::new)?,
            limit: limit(&body)?,
            each_key: body.get("eachKey")?.unwrap_or(false),
        })
    }
}

fn message_id(body: &Body<'_>, field: &'static str) -> Result<Option<String>, BodyError> {
    match body.get::<String>(field)? {
        Some(text) if id::number(&text).is_none() => Err(broken(field, "must be a message's id")),
        text => Ok(text),
    }
}

fn limit(body: &Body<'_>) -> Result<usize, BodyError> {
    let Some(raw) = body.raw("limit") else {
        return Ok(MAX_PAGE_MESSAGES);
    };
    match serde_json::from_str(raw.get()) {
        Ok(limit @ 1..=MAX_PAGE_MESSAGES) => Ok(limit),
        _ => Err(broken(
            "limit",
            format!("must be a whole number from 1 to {MAX_PAGE_MESSAGES}"),
        )),
    }
}

/// Which points to summarize, valid by construction.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRequest {
    /// The channels, by their real names or the viewer's own ones. In the answer, the keys
    /// of all but the first are [`qualified`](crate::layout::qualified).
    pub channels: Vec<ChannelName>,
    /// Points from this time on, in seconds since the Unix epoch.
    pub start: f64,
    /// Points before this time, which is after the start.
    pub end: f64,
    /// The number of buckets between them, from 1 to [`MAX_BUCKETS`].
    pub buckets: usize,
}

impl SummaryRequest {
    /// Reads and checks the parameters of a request.
    ///
    /// # Errors
    /// The first parameter that breaks its rule.
    pub fn parse(parameters: &[(String, String)]) -> Result<Self, BodyError> {
        let get = |name: &'static str| {
            let parameter = parameters.iter().find(|(known, _)| known == name);
            let value = parameter.map(|(_, value)| value.as_str());
            value.ok_or_else(|| missing(name))
        };
        let time = |name| {
            let time = get(name)?.parse().ok();
            let time = time.filter(|time| (0.0..=LAST_SECOND).contains(time));
            time.ok_or_else(|| broken(name, "must be seconds since 1970"))
        };
        let (start, end) = (time("start")?, time("end")?);
        if start >= end {
            return Err(broken("end", "must be after `start`"));
        }
        get("channel")?;
        let channels = parameters.iter().filter(|(name, _)| name == "channel");
        let channels = channels.map(|(_, channel)| ChannelName::new(channel));
        let channels: Result<Vec<_>, _> = channels.take(MAX_CHANNELS + 1).collect();
        let channels = channels.map_err(|error| broken("channel", error.to_string()))?;
        if channels.len() > MAX_CHANNELS {
            let rule = format!("may occur at most {MAX_CHANNELS} times");
            return Err(broken("channel", rule));
        }
        let buckets = get("buckets")?.parse().ok();
        let buckets = buckets.filter(|count| (1..=MAX_BUCKETS).contains(count));
        Ok(Self {
            channels,
            start,
            end,
            buckets: buckets.ok_or_else(|| {
                broken(
                    "buckets",
                    format!("must be a whole number from 1 to {MAX_BUCKETS}"),
                )
            })?,
        })
    }
}

/// A viewer's request, unchecked: its parts come from the hub.
#[derive(Debug, Clone, Copy)]
pub struct HistoryQuery<'a> {
    /// The channel.
    pub channel: &'a str,
    /// Only messages after this one, oldest first.
    pub after: Option<&'a str>,
    /// Only this event, newest first; of `stats-update` also the newest with each key.
    pub newest_of: Option<&'a str>,
    /// Only messages before this one.
    pub before: Option<&'a str>,
    /// The most messages to return.
    pub limit: usize,
}

impl HistoryQuery<'_> {
    /// The request's body. A server that does not know `event`, `eachKey` and `limit`
    /// ignores them.
    pub fn body(&self) -> String {
        let mut body = format!(r#"{{"channel":{}"#, quoted(self.channel));
        for (name, value) in [
            ("after", self.after),
            ("before", self.before),
            ("event", self.newest_of),
        ] {
            if let Some(value) = value {
                body.push_str(&format!(r#","{name}":{}"#, quoted(value)));
            }
        }
        if let Some(event) = self.newest_of {
            body.push_str(r#","reverse":true"#);
            if event == STATS_UPDATE {
                body.push_str(r#","eachKey":true"#);
            }
        }
        body.push_str(&format!(r#","limit":{}}}"#, self.limit));
        body
    }
}

/// The hub's answer: the messages in the requested order.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryResponse {
    /// The messages.
    pub messages: Vec<StoredMessage>,
}

/// A stored message, as it was sent over the WebSocket.
#[derive(Debug, Clone, Serialize)]
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

/// Reads an answer's messages in their order; those that cannot be read are
/// left out. `None` if the body is not such an answer.
pub fn read_messages(body: &str) -> Option<Vec<ReceivedFrame>> {
    let Json::Array(messages) = Json::parse(body)?.take("messages") else {
        return None;
    };
    let frames = messages.into_iter().filter_map(ReceivedFrame::from_json);
    Some(frames.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorDetail;

    #[test]
    fn only_the_channel_is_required() {
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
                each_key: false,
            }
        );
    }

    #[test]
    fn an_error_names_the_field_and_its_rule() {
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

    #[test]
    fn a_query_is_read_as_it_is_written() {
        let id = "01ARYZ6S410000000000000002";
        let read = |query: HistoryQuery<'_>| {
            HistoryRequest::parse(query.body().as_bytes()).expect("a valid request")
        };
        let query = HistoryQuery {
            channel: "c\"d",
            after: Some(id),
            newest_of: None,
            before: None,
            limit: 100,
        };
        let missed = read(query);
        assert_eq!(missed.channel.as_str(), "c\"d");
        assert_eq!(missed.after.as_deref(), Some(id));
        assert!(!missed.reverse && missed.event.is_none());
        let newest = read(HistoryQuery {
            after: None,
            newest_of: Some("alert"),
            before: Some(id),
            limit: 5,
            ..query
        });
        assert!(newest.reverse);
        assert_eq!(newest.before.as_deref(), Some(id));
        assert_eq!(newest.event, EventName::new("alert").ok());
        assert_eq!(newest.limit, 5);
    }

    #[test]
    fn messages_that_cannot_be_read_are_left_out() {
        let body = r#"{"messages":[{"id":"1","event":"e","channel":"c","data":5},7,{"id":2}]}"#;
        let messages = read_messages(body).expect("an answer");
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].data, Json::Number(5.0));
        for body in ["", "[]", "{}", r#"{"messages":{}}"#] {
            assert!(read_messages(body).is_none(), "{body}");
        }
    }
}
