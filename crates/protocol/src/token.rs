//! The token endpoint, `POST /live-dashboard`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::layout::Layout;

/// What a viewer asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// The dashboard's name; the default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<String>,
}

/// What a viewer gets: a token for one connection, and what it may show.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenResponse {
    /// The JWT to connect with.
    pub token: String,
    /// The channel that the token grants.
    pub channel: String,
    /// The dashboard's [`Layout`], as JSON. Kept as text, so that a layout
    /// from elsewhere that does not fit costs the viewer the layout and not
    /// the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Box<RawValue>>,
    /// Which version of the page the hub serves; opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_version: Option<String>,
    /// The dashboards that there are, where there is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dashboards: Vec<DashboardName>,
    /// What time it is by the hub's clock, in milliseconds since the Unix
    /// epoch: a viewer whose clock is wrong can still tell a message's age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
}

/// A dashboard that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardName {
    /// Its name, for [`TokenRequest`].
    pub name: String,
    /// Its heading.
    pub title: String,
}

impl TokenResponse {
    /// The layout, where there is one that can be read.
    pub fn layout(&self) -> Option<Layout> {
        self.layout
            .as_deref()
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_any_backend_will_do() {
        let bare: TokenResponse = serde_json::from_str(r#"{"token":"t","channel":"c","extra":[]}"#)
            .expect("the two keys that count");
        assert_eq!(bare.token, "t");
        assert!(bare.layout().is_none());
        let odd: TokenResponse = serde_json::from_str(
            r#"{"token":"t","channel":"c","layout":"two columns","pageVersion":"1"}"#,
        )
        .expect("a layout of another kind is no error");
        assert!(odd.layout().is_none());
        assert_eq!(odd.page_version.as_deref(), Some("1"));
        let request = serde_json::to_string(&TokenRequest::default()).expect("serializes");
        assert_eq!(request, "{}");
    }
}
