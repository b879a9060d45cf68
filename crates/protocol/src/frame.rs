//! Frames from the hub to the viewer: one JSON object in each text frame.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::ErrorDetail;
use crate::json::Json;

/// The protocol's own events.
pub mod event {
    /// Hub to client, the first frame of a connection.
    pub const CONNECTED: &str = "hotsock.connected";
    /// Client to hub: subscribe to `channel`.
    pub const SUBSCRIBE: &str = "hotsock.subscribe";
    /// Hub to client: the subscription is active from here on.
    pub const SUBSCRIBED: &str = "hotsock.subscribed";
    /// Client to hub: unsubscribe from `channel`.
    pub const UNSUBSCRIBE: &str = "hotsock.unsubscribe";
    /// Hub to client: nothing more comes on `channel`.
    pub const UNSUBSCRIBED: &str = "hotsock.unsubscribed";
    /// Either way: answer with [`PONG`].
    pub const PING: &str = "hotsock.ping";
    /// The answer to [`PING`].
    pub const PONG: &str = "hotsock.pong";
    /// Client to hub: still here (the token's `heartbeatTimeout`).
    pub const HEARTBEAT: &str = "hotsock.heartbeat";
    /// Hub to client, about every 9.5 minutes (the token's `keepAlive`).
    pub const KEEP_ALIVE: &str = "hotsock.keepAlive";
    /// Hub to client: a command failed; the connection stays.
    pub const ERROR: &str = "hotsock.error";
}

/// A frame as the hub writes it. Which fields are present depends on the event.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Frame<'a> {
    /// A message's ULID, which grows within a channel. Frames of the protocol
    /// itself have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
    /// The event's name.
    pub event: Cow<'a, str>,
    /// The channel, for frames about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Cow<'a, str>>,
    /// The event's data: a payload stays the text that was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a RawValue>,
    /// The owner of the connection or subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// What failed, in [`event::ERROR`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
}

impl<'a> Frame<'a> {
    /// A frame with nothing but its event's name.
    pub fn new(event: &'a str) -> Self {
        Self {
            event: event.into(),
            ..Self::default()
        }
    }

    /// The frame as the text of a WebSocket message.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a frame contains only what JSON can express")
    }
}

/// The owner of a connection or a subscription, from its token.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The client's own name for the channel, if the token defines one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_alias: Option<String>,
    /// The token's `uid`.
    pub uid: Option<String>,
    /// The token's `umd`, as it was written there.
    pub umd: Option<Box<RawValue>>,
}

/// The data of [`event::CONNECTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// The connection's opaque id; empty if the server sends none.
    pub connection_id: String,
    /// When the hub will cut the connection, as an RFC 3339 time in UTC;
    /// absent if it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_expires_at: Option<String>,
    /// Authenticates the client API for this connection; empty if the server
    /// has no such API.
    pub connection_secret: String,
}

impl Connected {
    /// Reads the data of a received frame.
    pub fn from_json(data: &Json) -> Self {
        let text = |key| data.get(key).string();
        Self {
            connection_id: text("connectionId").unwrap_or_default(),
            connection_expires_at: text("connectionExpiresAt"),
            connection_secret: text("connectionSecret").unwrap_or_default(),
        }
    }
}

/// The data of [`event::SUBSCRIBED`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscribed {
    /// The token requested this subscription.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auto_subscribed: bool,
}

/// A frame as a viewer receives it, live or from the client API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReceivedFrame {
    /// A message's id.
    pub id: Option<String>,
    /// The event's name.
    pub event: String,
    /// The channel by its real name.
    pub channel: Option<String>,
    /// The channel by the token's name for it.
    pub alias: Option<String>,
    /// The event's data.
    pub data: Json,
    /// What failed, in [`event::ERROR`].
    pub error: Option<ErrorDetail>,
}

impl ReceivedFrame {
    /// Reads a text frame; `None` if it is not an object with an `event`, or
    /// its `id` or `channel` is not a string.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_json(Json::parse(text)?)
    }

    /// Reads a frame's object; `None` as for [`ReceivedFrame::parse`].
    pub fn from_json(frame: Json) -> Option<Self> {
        Some(Self {
            id: frame.get("id").optional_string()?,
            event: frame.get("event").string()?,
            channel: frame.get("channel").optional_string()?,
            alias: frame.get("meta").get("channelAlias").string(),
            error: ErrorDetail::from_json(frame.get("error")),
            data: frame.take("data"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_written_as_the_protocol_shows_them() {
        let data: Box<RawValue> =
            RawValue::from_string(r#"{"a": 1.0e2}"#.into()).expect("valid JSON");
        let message = Frame {
            id: Some("01J".into()),
            channel: Some("c".into()),
            data: Some(&data),
            ..Frame::new("stats-update")
        };
        assert_eq!(
            message.encode(),
            r#"{"id":"01J","event":"stats-update","channel":"c","data":{"a": 1.0e2}}"#
        );
        let connected = Frame {
            meta: Some(Meta::default()),
            ..Frame::new(event::CONNECTED)
        };
        assert_eq!(
            connected.encode(),
            r#"{"event":"hotsock.connected","meta":{"uid":null,"umd":null}}"#
        );
    }

    #[test]
    fn received_frames_are_read_whatever_else_they_contain() {
        let read = |text| ReceivedFrame::parse(text).expect(text);
        let message = read(
            r#"{"other":[{}],"id":"01","data":null,"event":"e","channel":"\u0061","meta":[]}"#,
        );
        assert_eq!(message.id.as_deref(), Some("01"));
        assert_eq!(message.event, "e");
        assert_eq!(message.channel.as_deref(), Some("a"));
        assert_eq!((message.alias, message.data), (None, Json::Null));
        let subscribed = read(
            r#"{"event":"hotsock.subscribed","channel":"c","data":{},"meta":{"uid":"u","umd":{"a":1},"channelAlias":"x"}}"#,
        );
        assert_eq!(subscribed.alias.as_deref(), Some("x"));
        assert!(subscribed.data.is_object());
        let pong = read(r#"{"event":"hotsock.pong","data":"{}"}"#);
        assert_eq!(pong.data.text(), Some("{}"));
        let error = |text| read(text).error;
        assert_eq!(
            error(r#"{"event":"hotsock.error","error":{"code":"A","message":"m","x":1}}"#),
            Some(ErrorDetail::new("A", "m"))
        );
        assert_eq!(
            error(r#"{"event":"hotsock.error","error":{}}"#),
            Some(ErrorDetail::new("", ""))
        );
        assert_eq!(error(r#"{"event":"hotsock.error","error":"x"}"#), None);
    }

    #[test]
    fn other_texts_are_not_frames() {
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"["e"]"#,
            r#"{"event":1}"#,
            r#"{"event":null}"#,
            r#"{"event":"e","id":5}"#,
            r#"{"event":"e","channel":{}}"#,
        ] {
            assert_eq!(ReceivedFrame::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_greeting_may_lack_everything() {
        let read = |text| Connected::from_json(&Json::parse(text).expect("JSON"));
        let full = read(r#"{"connectionId":"i","connectionExpiresAt":"t","connectionSecret":"s"}"#);
        assert_eq!(full.connection_id, "i");
        assert_eq!(full.connection_expires_at.as_deref(), Some("t"));
        assert_eq!(full.connection_secret, "s");
        let empty = read(r#"{"connectionId":5,"connectionExpiresAt":null}"#);
        assert_eq!(empty, read("null"));
        assert_eq!(empty.connection_id, "");
        assert_eq!(empty.connection_expires_at, None);
    }
}
