//! What a viewer receives.

use super::Json;

/// A frame from the hub.
#[derive(Debug, Default)]
pub(in crate::feed) struct Frame {
    /// A message's id.
    pub(in crate::feed) id: Option<String>,
    pub(in crate::feed) event: String,
    pub(in crate::feed) channel: Option<String>,
    /// The channel by the name that the token gives it, where it does.
    pub(in crate::feed) alias: Option<String>,
    pub(in crate::feed) data: Json,
    /// What failed: code and message.
    pub(in crate::feed) error: Option<(String, String)>,
}

impl Frame {
    /// Reads a WebSocket message's text; `None` where it is no frame.
    pub(in crate::feed) fn parse(text: &str) -> Option<Self> {
        Self::read(Json::parse(text)?)
    }

    /// Reads a value; `None` where it is no frame.
    pub(in crate::feed) fn read(frame: Json) -> Option<Self> {
        let error = frame.get("error");
        Some(Self {
            id: optional_text(frame.get("id"))?,
            event: frame.get("event").string()?,
            channel: optional_text(frame.get("channel"))?,
            alias: frame.get("meta").get("channelAlias").string(),
            error: error.is_object().then(|| {
                let text = |key| error.get(key).string().unwrap_or_default();
                (text("code"), text("message"))
            }),
            data: frame.take("data"),
        })
    }
}

/// A text that may be absent, but not something else.
fn optional_text(value: &Json) -> Option<Option<String>> {
    match value {
        Json::Null => Some(None),
        value => value.string().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::frame;

    use super::*;

    #[test]
    fn frames_are_read_as_the_protocol_has_them() {
        for text in [
            r#"{"event":"hotsock.connected","data":{"connectionId":"i"},"meta":{"uid":null,"umd":null}}"#,
            r#"{"event":"hotsock.subscribed","channel":"c","data":{},"meta":{"uid":"u","umd":{"a":1},"channelAlias":"x"}}"#,
            r#"{"event":"hotsock.pong","data":"{}"}"#,
            r#"{"event":"hotsock.error","channel":"c","error":{"code":"A","message":"m"}}"#,
            r#"{"event":"hotsock.error","error":{}}"#,
            r#"{"id":"01","event":"e","channel":"\u0061","data":null,"other":[{}]}"#,
        ] {
            let ours = Frame::parse(text).expect(text);
            let theirs = frame::Frame::parse(text).expect(text);
            assert_eq!(ours.id.as_deref(), theirs.id.as_deref());
            assert_eq!(ours.event, theirs.event);
            assert_eq!(ours.channel.as_deref(), theirs.channel.as_deref());
            assert_eq!(ours.alias, theirs.meta.and_then(|meta| meta.channel_alias));
            let data = theirs.data.map(|data| Json::parse(data.get()).expect(text));
            assert_eq!(ours.data, data.unwrap_or_default());
            assert_eq!(
                ours.error,
                theirs.error.map(|error| (error.code, error.message))
            );
        }
    }

    #[test]
    fn what_is_no_frame_is_none() {
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
            assert!(Frame::parse(text).is_none(), "{text}");
        }
    }
}
