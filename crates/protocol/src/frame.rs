//! Frames of the WebSocket: one JSON object in each text frame, both ways.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::ErrorDetail;

/// The protocol's own events.
pub mod event {
    /// Hub to client, the first frame of a connection.
    pub const CONNECTED: &str = "hotsock.connected";
    /// Client to hub: subscribe to `channel`.
    pub const SUBSCRIBE: &str = "hotsock.subscribe";
    /// Hub to client: the subscription holds from here on.
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

/// One frame. Which fields are there depends on the event.
///
/// Payloads are kept as the text that they were published as: nothing but
/// their reader parses them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Frame<'a> {
    /// A message's ULID; it grows within a channel. Frames of the protocol
    /// itself have none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
    /// The event's name.
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    /// The channel, where the frame is about one.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Cow<'a, str>>,
    /// The event's data. A `null` reads as `None`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a RawValue>,
    /// Who is connected, in the frames that say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// What failed, in [`event::ERROR`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

    /// The client's command to subscribe to `channel` under its connection's
    /// own token.
    pub fn subscribe(channel: &'a str) -> Self {
        Self {
            channel: Some(channel.into()),
            ..Self::new(event::SUBSCRIBE)
        }
    }

    /// Reads a frame from the text of a WebSocket message.
    ///
    /// # Errors
    /// The text is not a JSON object with an `event`, or a field of it has the
    /// wrong type.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The frame as the text of a WebSocket message.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("a frame holds nothing that JSON cannot")
    }
}

/// Who a connection or a subscription belongs to, by its token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The client's own name for the channel, where the token gives it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_alias: Option<String>,
    /// The token's `uid`.
    #[serde(default)]
    pub uid: Option<String>,
    /// The token's `umd`, as it was written there.
    #[serde(default)]
    pub umd: Option<Box<RawValue>>,
}

/// The data of [`event::CONNECTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// Names the connection; opaque.
    pub connection_id: String,
    /// When the hub will cut the connection, as an RFC 3339 time in UTC;
    /// absent where it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_expires_at: Option<String>,
    /// Authenticates the client API for this connection; absent in answers of
    /// servers that have none.
    #[serde(default)]
    pub connection_secret: String,
}

/// The data of [`event::SUBSCRIBED`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscribed {
    /// The hub subscribed by itself, as the token asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_subscribed: bool,
}

/// The data of [`event::SUBSCRIBE`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Subscribe<'a> {
    /// A token that grants more than the connection's own.
    #[serde(borrow, default)]
    pub token: Option<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_written_as_the_protocol_shows_them() {
        assert_eq!(
            Frame::subscribe("a\"b").encode(),
            r#"{"event":"hotsock.subscribe","channel":"a\"b"}"#
        );
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
    fn frames_are_read_whatever_else_they_carry() {
        let frame = Frame::parse(
            r#"{"x":{"y":[]},"data":null,"event":"e","channel":"\u0061","meta":{"uid":"u","members":[]}}"#,
        )
        .expect("a frame");
        assert_eq!(frame.event, "e");
        assert_eq!(frame.channel.as_deref(), Some("a"));
        assert!(frame.data.is_none());
        assert_eq!(frame.meta.and_then(|meta| meta.uid).as_deref(), Some("u"));
        for bad in ["", "[]", "{}", r#"{"event":1}"#, "null", "\u{0}"] {
            assert!(Frame::parse(bad).is_err(), "{bad:?}");
        }
    }
}
