//! The client API: stored messages, asked for and read.

use super::command::json_text;
use super::{Frame, Json};

/// Which stored messages to ask for.
pub(in crate::feed) struct ListRequest<'a> {
    pub(in crate::feed) channel: &'a str,
    /// Those after this one, oldest first.
    pub(in crate::feed) after: Option<&'a str>,
    /// Those of this event, newest first.
    pub(in crate::feed) newest_of: Option<&'a str>,
    /// Of those, the ones before this one.
    pub(in crate::feed) before: Option<&'a str>,
    pub(in crate::feed) limit: usize,
}

impl ListRequest<'_> {
    /// The request's body. A server that does not know `event` and `limit`
    /// ignores them.
    pub(in crate::feed) fn body(&self) -> String {
        let mut body = format!(r#"{{"channel":{}"#, json_text(self.channel));
        for (name, value) in [
            ("after", self.after),
            ("before", self.before),
            ("event", self.newest_of),
        ] {
            if let Some(value) = value {
                body.push_str(&format!(r#","{name}":{}"#, json_text(value)));
            }
        }
        if self.newest_of.is_some() {
            body.push_str(r#","reverse":true"#);
        }
        body.push_str(&format!(r#","limit":{}}}"#, self.limit));
        body
    }
}

/// The answer's messages, in its order.
pub(in crate::feed) struct Listing(pub(in crate::feed) Vec<Frame>);

impl Listing {
    /// Reads an answer; what is no message in it is left out.
    pub(in crate::feed) fn parse(body: &str) -> Option<Self> {
        let answer = Json::parse(body)?;
        let Json::Array(messages) = answer.take("messages") else {
            return None;
        };
        Some(Self(messages.into_iter().filter_map(Frame::read).collect()))
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::history::HistoryRequest;

    use super::*;

    #[test]
    fn requests_are_the_protocol_s() {
        let id = "01ARYZ6S410000000000000002";
        let read = |request: ListRequest<'_>| {
            HistoryRequest::parse(request.body().as_bytes()).expect("a good request")
        };
        let missed = read(ListRequest {
            channel: "c\"d",
            after: Some(id),
            newest_of: None,
            before: None,
            limit: 100,
        });
        assert_eq!(missed.channel.as_str(), "c\"d");
        assert_eq!(missed.after.as_deref(), Some(id));
        assert!(!missed.reverse && missed.event.is_none());
        let newest = read(ListRequest {
            channel: "c",
            after: None,
            newest_of: Some("alert"),
            before: Some(id),
            limit: 5,
        });
        assert!(newest.reverse);
        assert_eq!(newest.before.as_deref(), Some(id));
        assert_eq!(
            newest.event.map(|event| event.to_string()).as_deref(),
            Some("alert")
        );
        assert_eq!(newest.limit, 5);
    }

    #[test]
    fn answers_are_read_and_rubbish_in_them_left_out() {
        let body = r#"{"messages":[{"id":"1","event":"e","channel":"c","data":5},7,{"id":2}]}"#;
        let Listing(messages) = Listing::parse(body).expect("an answer");
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].data, Json::Number(5.0));
        for body in ["", "[]", "{}", r#"{"messages":{}}"#] {
            assert!(Listing::parse(body).is_none(), "{body}");
        }
    }
}
