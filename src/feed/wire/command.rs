//! What a viewer sends.

/// A command's frame.
pub(in crate::feed) fn command(event: &str, channel: Option<&str>) -> String {
    match channel {
        Some(channel) => {
            let channel = json_text(channel);
            format!(r#"{{"event":"{event}","channel":{channel}}}"#)
        }
        None => format!(r#"{{"event":"{event}"}}"#),
    }
}

/// A text as JSON.
pub(super) fn json_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::frame::{Frame, event};

    use super::*;

    #[test]
    fn commands_are_the_protocol_s() {
        for channel in ["c", "a\"b\\", "ü\n"] {
            assert_eq!(
                command(event::SUBSCRIBE, Some(channel)),
                Frame::subscribe(channel).encode()
            );
        }
        for event in [event::PING, event::PONG] {
            assert_eq!(command(event, None), Frame::new(event).encode());
        }
    }
}
