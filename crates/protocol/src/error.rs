//! Refusals as JSON: `{"error":{"code":…,"field":…,"message":…}}`.

use std::fmt::Display;

use serde::Serialize;

use crate::json::Json;
use crate::token::DashboardName;

/// The body of every refusal over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// What was refused, and why.
    pub error: ErrorDetail,
    /// Which dashboards there are, if the one of the request is not among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dashboards: Vec<DashboardName>,
}

/// Why something was refused: in an [`ErrorBody`], and in the frame
/// `hotsock.error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// A stable word for programs, such as `INVALID_FIELD`.
    pub code: String,
    /// The field at fault, if a single one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A sentence for people; names the rule that was broken.
    pub message: String,
}

impl ErrorDetail {
    /// A refusal that is not about one field.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            field: None,
            message: message.into(),
        }
    }

    /// A refusal of a field that breaks a rule, worded to follow the field's name.
    pub fn invalid_field(field: &str, rule: impl Display) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new("INVALID_FIELD", format!("`{field}` {rule}"))
        }
    }

    /// Reads an error's object; `None` for other values. Missing texts are
    /// empty.
    pub fn from_json(error: &Json) -> Option<Self> {
        let text = |key| error.get(key).string();
        error.is_object().then(|| Self {
            code: text("code").unwrap_or_default(),
            field: text("field"),
            message: text("message").unwrap_or_default(),
        })
    }
}

/// The message in a refusal's body; `None` if there is none: whoever answers
/// in another form is not a hub.
pub fn refusal_message(body: &str) -> Option<String> {
    let message = ErrorDetail::from_json(Json::parse(body)?.get("error"))?.message;
    (!message.is_empty()).then_some(message)
}

/// Codes that travel in the frame `hotsock.error`.
pub mod frame_code {
    /// An unsubscribe from a channel that the connection is not subscribed to.
    pub const NOT_SUBSCRIBED: &str = "NOT_SUBSCRIBED";
    /// A subscribe to a channel that the connection is subscribed to.
    pub const ALREADY_SUBSCRIBED: &str = "ALREADY_SUBSCRIBED";
    /// The token does not allow the subscription.
    pub const SUBSCRIBE_PERMISSION_DENIED: &str = "SUBSCRIBE_PERMISSION_DENIED";
    /// The subscribe token is not valid for this connection.
    pub const INVALID_SUBSCRIBE_TOKEN: &str = "INVALID_SUBSCRIBE_TOKEN";
    /// A viewer tried to publish (the hub's own code, not Hotsock's).
    pub const PUBLISH_PERMISSION_DENIED: &str = "PUBLISH_PERMISSION_DENIED";
    /// The frame is not one of the protocol (the hub's own code).
    pub const INVALID_MESSAGE: &str = "INVALID_MESSAGE";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_as_it_is_written() {
        let refusal = ErrorBody {
            error: ErrorDetail::new("NO", "Not “you”."),
            dashboards: Vec::new(),
        };
        let body = serde_json::to_string(&refusal).expect("JSON");
        assert_eq!(refusal_message(&body).as_deref(), Some("Not “you”."));
        for body in [
            "",
            "<html>",
            r#"{"message":"Forbidden"}"#,
            r#"{"error":"Forbidden"}"#,
            r#"{"error":{"code":"NO"}}"#,
            r#"{"error":{"code":"NO","message":""}}"#,
        ] {
            assert_eq!(refusal_message(body), None, "{body}");
        }
    }
}
