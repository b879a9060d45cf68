//! The token endpoint, `POST /live-dashboard`.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::body::{Body, BodyError};
use crate::json::{Json, quoted};
use crate::layout::Layout;

/// A viewer's request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The dashboard's name; the default one if absent.
    pub dashboard: Option<String>,
}

impl TokenRequest {
    /// Reads a request's body; an empty one asks for the default dashboard.
    ///
    /// # Errors
    /// The body is neither empty nor a JSON object, or the name is not a
    /// string.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let dashboard = Body::parse(body)?.get("dashboard")?;
        Ok(Self { dashboard })
    }

    /// Writes the body of a request for a dashboard.
    pub fn encode(dashboard: Option<&str>) -> String {
        match dashboard {
            Some(name) => format!(r#"{{"dashboard":{}}}"#, quoted(name)),
            None => "{}".into(),
        }
    }
}

/// The hub's answer: a token for one connection, and what it may show.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenResponse {
    /// The JWT to connect with.
    pub token: String,
    /// The channel that the token grants.
    pub channel: String,
    /// The dashboard's [`Layout`] as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Box<RawValue>>,
    /// The opaque version of the page that the hub serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_version: Option<String>,
    /// All dashboards, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dashboards: Vec<DashboardName>,
    /// The hub's clock, in milliseconds since the Unix epoch: a viewer whose
    /// clock is wrong can still tell a message's age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// How far back the viewer may look, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<f64>,
}

impl TokenResponse {
    /// For a page that the hub draws to list its dashboards.
    pub fn without_token(dashboards: Vec<DashboardName>) -> Self {
        Self {
            token: String::new(),
            channel: String::new(),
            layout: None,
            page_version: None,
            dashboards,
            time: None,
            history: None,
        }
    }
}

/// A dashboard's name and title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DashboardName {
    /// The name for [`TokenRequest`].
    pub name: String,
    /// The heading.
    pub title: String,
}

/// A [`TokenResponse`] as a viewer reads it, from any backend.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The JWT to connect with.
    pub token: String,
    /// The channel that the token grants.
    pub channel: String,
    /// The dashboard's layout, [qualified](Layout::qualify); the default one if the answer
    /// has none that can be read.
    pub layout: Layout,
    /// The opaque version of the page that the hub serves.
    pub page_version: Option<String>,
    /// All dashboards, if there are several.
    pub dashboards: Vec<DashboardName>,
    /// The hub's clock, in milliseconds since the Unix epoch.
    pub time: Option<f64>,
    /// How far back the viewer may look, in seconds.
    pub history: Option<f64>,
}

impl Grant {
    /// Reads an answer's body; `None` without a token and a channel.
    pub fn parse(body: &str) -> Option<Self> {
        let grant = Self::from_json(&Json::parse(body)?)?;
        (grant.is_given() && !grant.channel.is_empty()).then_some(grant)
    }

    /// Reads an answer's object. It may also be that of a page that the hub drew to
    /// list its dashboards, with an empty token and channel.
    pub fn from_json(answer: &Json) -> Option<Self> {
        let channel = answer.get("channel").string()?;
        let layout = Layout::from_json(answer.get("layout")).unwrap_or_default();
        Some(Self {
            token: answer.get("token").string()?,
            layout: layout.qualify(&channel),
            channel,
            page_version: answer.get("pageVersion").string(),
            dashboards: DashboardName::list(answer),
            time: answer.get("time").number(),
            history: answer.get("history").number(),
        })
    }

    /// Whether there is a token: without one there is no dashboard of the name that the
    /// viewer asked for.
    pub fn is_given(&self) -> bool {
        !self.token.is_empty()
    }
}

impl DashboardName {
    /// The dashboards of an answer, also of one that refuses a token because there is no
    /// dashboard of the name.
    pub fn list(answer: &Json) -> Vec<Self> {
        let dashboards = answer.get("dashboards").items().iter();
        dashboards.filter_map(Self::from_json).collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            name: json.get("name").string()?,
            title: json.get("title").string()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> Grant {
        Grant {
            token: "t".into(),
            channel: "c".into(),
            layout: Layout::default(),
            page_version: None,
            dashboards: Vec::new(),
            time: None,
            history: None,
        }
    }

    #[test]
    fn an_answer_requires_token_and_channel() {
        for body in [
            r#"{"token":"t","channel":"c"}"#,
            r#"{"token":"t","channel":"c","layout":"two columns","pageVersion":null}"#,
            r#"{"token":"t","channel":"c","time":"now","dashboards":[{"name":"a"}],"extra":[]}"#,
        ] {
            assert_eq!(Grant::parse(body), Some(bare()), "{body}");
        }
        for body in [
            r#"{"token":5,"channel":"c"}"#,
            r#"{"token":"t"}"#,
            r#"{"token":"","channel":"c"}"#,
            r#"{"token":"t","channel":""}"#,
            "[]",
            "<html>",
        ] {
            assert_eq!(Grant::parse(body), None, "{body}");
        }
    }

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let layout = r#"{"title":"T"}"#.to_owned();
        let response = TokenResponse {
            token: "t".into(),
            channel: "c".into(),
            layout: Some(RawValue::from_string(layout).expect("JSON")),
            page_version: Some("1".into()),
            dashboards: vec![DashboardName {
                name: "a".into(),
                title: "A".into(),
            }],
            time: Some(1_800_000_000_123.0),
            history: Some(3600.0),
        };
        let body = serde_json::to_string(&response).expect("JSON");
        let grant = Grant::parse(&body).expect("a grant");
        assert_eq!(grant.layout.title, "T");
        assert_eq!(grant.page_version.as_deref(), Some("1"));
        assert_eq!(grant.dashboards, response.dashboards);
        assert_eq!(
            (grant.time, grant.history),
            (response.time, response.history)
        );
    }

    #[test]
    fn a_request_is_read_as_it_is_written() {
        assert_eq!(TokenRequest::encode(None), "{}");
        for dashboard in [None, Some("ops"), Some("o\"ps\\ü")] {
            let request = TokenRequest::parse(TokenRequest::encode(dashboard).as_bytes());
            let dashboard = dashboard.map(Into::into);
            assert_eq!(request, Ok(TokenRequest { dashboard }));
        }
        assert_eq!(TokenRequest::parse(b" "), Ok(TokenRequest::default()));
        for body in ["[", "[]", r#"{"dashboard":5}"#] {
            assert!(TokenRequest::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
