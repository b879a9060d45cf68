//! Refusals as JSON: `{"error":{"code":…,"field":…,"message":…}}`.

use serde::{Deserialize, Serialize};

/// The body of every refusal over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What was refused, and why.
    pub error: ErrorDetail,
}

/// Why something was refused: in a [`ErrorBody`], and in the frame
/// `hotsock.error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// A stable word for programs, such as `INVALID_FIELD`.
    #[serde(default)]
    pub code: String,
    /// The field at fault, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A sentence for people; names the rule that was broken.
    #[serde(default)]
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
