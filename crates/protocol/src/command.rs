//! Frames from the viewer to the hub: one JSON object in each text frame.

use crate::frame::event;
use crate::json::{Json, quoted};

/// A viewer's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The event's name, such as [`event::SUBSCRIBE`].
    pub event: String,
    /// The channel, for commands about one.
    pub channel: Option<String>,
    /// For [`event::SUBSCRIBE`], a token that grants more than the
    /// connection's own.
    pub token: Option<String>,
}

/// Why a frame is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The frame is not an object with the required fields.
    #[error("a frame must be a JSON object with a string `event`; its `channel` must be a string")]
    Frame,
    /// The data of [`event::SUBSCRIBE`] is wrong.
    #[error("`data` must be an object, and its `token` a string")]
    Data {
        /// The channel of the frame.
        channel: Option<String>,
    },
}

impl CommandError {
    /// The channel to name in the answer.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Frame => None,
            Self::Data { channel } => channel.as_deref(),
        }
    }
}

impl Command {
    /// Reads a text frame; unknown fields are ignored.
    ///
    /// # Errors
    /// The rule that the frame breaks.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        let frame = Json::parse(text).ok_or(CommandError::Frame)?;
        let event = frame.get("event").string().ok_or(CommandError::Frame)?;
        let channel = frame
            .get("channel")
            .optional_string()
            .ok_or(CommandError::Frame)?;
        let data = frame.get("data");
        let token = match event.as_str() {
            event::SUBSCRIBE if data.is_object() => data.get("token").optional_string(),
            event::SUBSCRIBE if *data != Json::Null => None,
            _ => Some(None),
        };
        match token {
            Some(token) => Ok(Self {
                event,
                channel,
                token,
            }),
            None => Err(CommandError::Data { channel }),
        }
    }

    /// Writes a command without data as a text frame.
    pub fn encode(event: &str, channel: Option<&str>) -> String {
        match channel {
            Some(channel) => {
                let channel = quoted(channel);
                format!(r#"{{"event":"{event}","channel":{channel}}}"#)
            }
            None => format!(r#"{{"event":"{event}"}}"#),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(event: &str, channel: Option<&str>, token: Option<&str>) -> Command {
        Command {
            event: event.into(),
            channel: channel.map(Into::into),
            token: token.map(Into::into),
        }
    }

    #[test]
    fn commands_are_written_as_the_protocol_shows_them() {
        for (event, channel, text) in [
            (event::PING, None, r#"{"event":"hotsock.ping"}"#),
            (
                event::SUBSCRIBE,
                Some("a\"ü\n"),
                r#"{"event":"hotsock.subscribe","channel":"a\"ü\n"}"#,
            ),
        ] {
            assert_eq!(Command::encode(event, channel), text);
            assert_eq!(Command::parse(text), Ok(command(event, channel, None)));
        }
    }

    #[test]
    fn commands_are_read_with_and_without_data() {
        let subscribe = |token| Ok(command(event::SUBSCRIBE, Some("c"), token));
        let with_data =
            |data| format!(r#"{{"x":[],"event":"hotsock.subscribe","data":{data},"channel":"c"}}"#);
        for (data, expected) in [
            ("null", subscribe(None)),
            ("{}", subscribe(None)),
            (r#"{"token":null}"#, subscribe(None)),
            (r#"{"token":"t"}"#, subscribe(Some("t"))),
        ] {
            assert_eq!(Command::parse(&with_data(data)), expected, "{data}");
        }
        for data in [r#"{"token":5}"#, "5", "[]", "\"t\""] {
            let error = Command::parse(&with_data(data)).expect_err(data);
            assert_eq!(error.channel(), Some("c"));
        }
        assert_eq!(
            Command::parse(r#"{"event":"hotsock.ping","data":"{}"}"#),
            Ok(command(event::PING, None, None))
        );
    }

    #[test]
    fn other_frames_are_not_commands() {
        for text in [
            "",
            "[]",
            "{}",
            "null",
            "\u{0}",
            r#"["e"]"#,
            r#"{"event":1}"#,
            r#"{"event":null}"#,
            r#"{"event":"e","channel":{}}"#,
        ] {
            assert_eq!(Command::parse(text), Err(CommandError::Frame), "{text:?}");
        }
    }
}
