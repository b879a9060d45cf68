//! The token endpoint, and refusals over HTTP.

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use super::Json;
use super::command::json_text;
use super::layout::layout;

/// What a token's answer grants.
#[derive(Debug, PartialEq)]
pub(in crate::feed) struct Grant {
    pub(in crate::feed) token: String,
    pub(in crate::feed) channel: String,
    /// The default one where the answer has none that can be read.
    pub(in crate::feed) layout: Layout,
    pub(in crate::feed) page_version: Option<String>,
    /// The dashboards that there are, where there is a choice: name and title.
    pub(in crate::feed) dashboards: Vec<DashboardName>,
    /// What time it is by the hub's clock.
    pub(in crate::feed) time: Option<f64>,
}

impl Grant {
    /// Reads the token endpoint's answer.
    pub(in crate::feed) fn parse(body: &str) -> Option<Self> {
        let answer = Json::parse(body)?;
        let text = |key| answer.get(key).string().filter(|text| !text.is_empty());
        Some(Self {
            token: text("token")?,
            channel: text("channel")?,
            layout: layout(answer.get("layout")).unwrap_or_default(),
            page_version: answer.get("pageVersion").string(),
            dashboards: answer
                .get("dashboards")
                .items()
                .iter()
                .filter_map(|one| {
                    Some(DashboardName {
                        name: one.get("name").string()?,
                        title: one.get("title").string()?,
                    })
                })
                .collect(),
            time: answer.get("time").number(),
        })
    }
}

/// The body of a request for a token.
pub(in crate::feed) fn token_request(dashboard: Option<&str>) -> String {
    match dashboard {
        Some(name) => format!(r#"{{"dashboard":{}}}"#, json_text(name)),
        None => "{}".into(),
    }
}

/// The reason in an answer's body, where it is a refusal as the protocol has
/// them: `{"error":{"message":…}}`.
pub(in crate::feed) fn reason(body: &str) -> Option<String> {
    let message = Json::parse(body)?.get("error").get("message").string();
    message.filter(|message| !message.is_empty())
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::error::{ErrorBody, ErrorDetail};
    use live_dashboard_protocol::token::{TokenRequest, TokenResponse};

    use super::*;

    #[test]
    fn grants_are_read_as_the_protocol_has_them() {
        for text in [
            r#"{"token":"t","channel":"c"}"#,
            r#"{"token":"t","channel":"c","extra":[],"pageVersion":"1","time":1800000000123,"dashboards":[{"name":"a","title":"A"}]}"#,
            r#"{"token":"t","channel":"c","layout":"two columns","pageVersion":null}"#,
            r#"{"token":"t","channel":"c","layout":{"title":"T"}}"#,
            r#"{"token":5,"channel":"c"}"#,
            r#"{"token":"t"}"#,
            "[]",
            "<html>",
        ] {
            let theirs: Option<TokenResponse> = serde_json::from_str(text).ok();
            let theirs = theirs.map(|theirs| Grant {
                layout: theirs.layout().unwrap_or_default(),
                token: theirs.token,
                channel: theirs.channel,
                page_version: theirs.page_version,
                dashboards: theirs.dashboards,
                time: theirs.time,
            });
            assert_eq!(Grant::parse(text), theirs, "{text}");
        }
    }

    #[test]
    fn empty_names_grant_nothing() {
        assert_eq!(Grant::parse(r#"{"token":"","channel":"c"}"#), None);
        assert_eq!(Grant::parse(r#"{"token":"t","channel":""}"#), None);
    }

    #[test]
    fn requests_are_the_protocol_s() {
        for dashboard in [None, Some("ops"), Some("o\"ps\\ü")] {
            let theirs = TokenRequest {
                dashboard: dashboard.map(Into::into),
            };
            assert_eq!(
                token_request(dashboard),
                serde_json::to_string(&theirs).expect("JSON")
            );
        }
    }

    #[test]
    fn a_refusal_s_reason_is_its_message() {
        let refusal = ErrorBody {
            error: ErrorDetail::new("NO", "Not “you”."),
        };
        let body = serde_json::to_string(&refusal).expect("JSON");
        assert_eq!(reason(&body).as_deref(), Some("Not “you”."));
        for body in [
            "",
            "<html>",
            r#"{"message":"Forbidden"}"#,
            r#"{"error":"Forbidden"}"#,
            r#"{"error":{"code":"NO","message":""}}"#,
        ] {
            assert_eq!(reason(body), None, "{body}");
        }
    }
}
