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
    /// Hub to client, on each channel, without an id: nothing can be published at present
    /// (data `true`), or it can again (`false`). Ours; other clients ignore it.
    pub const INTERRUPTED: &str = "live-dashboard.interrupted";
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

    /// Appends that text.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        let written = serde_json::to_writer(bytes, self);
        written.expect("a frame contains only what JSON can express");
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
