//! The token endpoint's answer: a grant, or the reason why there is none.

use live_dashboard_protocol::error::refusal_message;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::token::{DashboardName, Grant, TokenRequest};

use super::Endpoints;
use crate::platform::{self, HttpError, HttpResponse};

/// Why there is no token, as a sentence for the viewer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No answer.
    #[error("Cannot reach the hub: {0}")]
    Unreachable(HttpError),
    /// The answer, of this status, is not a hub's.
    #[error("The server at this address is not a hub (HTTP {0})")]
    NotAHub(u16),
    /// The hub has too many requests.
    #[error("Too many requests to the hub")]
    Busy,
    /// The hub cannot issue a token now.
    #[error("Token request failed{0}")]
    Failed(String),
    /// The hub refuses the viewer; retrying does not help.
    #[error("{0}")]
    Refused(String),
    /// There is no dashboard of this name, but there are others.
    #[error("{0}")]
    Unknown(String, Vec<DashboardName>),
}

/// Requests a token to find out whether the dashboard can be shown.
///
/// # Errors
/// The reason why not.
pub async fn check(endpoints: &Endpoints) -> Result<(), TokenError> {
    let body = TokenRequest::encode(endpoints.dashboard.as_deref());
    let answer = platform::http_post_json(&endpoints.token_url, body).await;
    read(answer, endpoints).map(|_| ())
}

/// Reads the answer to a token request.
pub(super) fn read(
    answer: Result<HttpResponse, HttpError>,
    endpoints: &Endpoints,
) -> Result<Grant, TokenError> {
    let HttpResponse { status, body, .. } = answer.map_err(TokenError::Unreachable)?;
    let refused = |sentence: &dyn Fn() -> String| {
        TokenError::Refused(refusal_message(&body).unwrap_or_else(sentence))
    };
    if status == 404 {
        let dashboards = DashboardName::list(&Json::parse(&body).unwrap_or_default());
        if !dashboards.is_empty() {
            let reason = refusal_message(&body).unwrap_or_default();
            return Err(TokenError::Unknown(reason, dashboards));
        }
    }
    Err(match status {
        200..300 => return Grant::parse(&body).ok_or(TokenError::NotAHub(status)),
        401 => refused(&|| "Sign in, then reload this page.".into()),
        403 => refused(&|| "You may not see this dashboard.".into()),
        404 => refused(&|| {
            let address = endpoints.token_address();
            match &endpoints.dashboard {
                Some(name) => format!("There is no dashboard “{name}” at {address} (HTTP 404)."),
                None => format!("There is no token endpoint at {address} (HTTP 404)."),
            }
        }),
        429 => TokenError::Busy,
        _ => match refusal_message(&body) {
            Some(reason) => TokenError::Failed(format!(": {reason}")),
            None if matches!(status, 408 | 500 | 502..=504) => {
                TokenError::Failed(format!(" (HTTP {status})"))
            }
            None => TokenError::NotAHub(status),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_sentence() {
        let reason = r#"{"error":{"code":"NO","message":"Not on Sundays."}}"#;
        for (status, body, dashboard, sentence) in [
            (401, reason, None, "Not on Sundays."),
            (403, reason, None, "Not on Sundays."),
            (404, reason, Some("ops"), "Not on Sundays."),
            (401, "", None, "Sign in, then reload this page."),
            (403, "<html>", None, "You may not see this dashboard."),
            (
                404,
                "Not found",
                Some("ops"),
                "There is no dashboard “ops” at http://h/t (HTTP 404).",
            ),
            (
                404,
                "<html>",
                None,
                "There is no token endpoint at http://h/t (HTTP 404).",
            ),
            (429, reason, None, "Too many requests to the hub"),
            (503, reason, None, "Token request failed: Not on Sundays."),
            (400, reason, None, "Token request failed: Not on Sundays."),
            (503, "", None, "Token request failed (HTTP 503)"),
            (429, "", None, "Too many requests to the hub"),
            (
                200,
                "<html>",
                None,
                "The server at this address is not a hub (HTTP 200)",
            ),
            (
                405,
                "",
                None,
                "The server at this address is not a hub (HTTP 405)",
            ),
        ] {
            let endpoints = Endpoints {
                token_url: "http://h/t?key=1".into(),
                socket_url: "ws://h/v1".into(),
                api_url: None,
                dashboard: dashboard.map(Into::into),
                may_choose: false,
            };
            let body = body.to_owned();
            let answer = HttpResponse {
                status,
                retry_after: None,
                body,
            };
            let error = read(Ok(answer), &endpoints).expect_err(sentence);
            assert_eq!(error.to_string(), sentence);
            let is_final = matches!(error, TokenError::Refused(_));
            assert_eq!(is_final, matches!(status, 401 | 403 | 404));
        }
    }

    #[test]
    fn an_unknown_dashboard_comes_with_those_that_exist() {
        let body =
            r#"{"error":{"code":"NO","message":"none"},"dashboards":[{"name":"a","title":"A"}]}"#;
        let endpoints = Endpoints {
            token_url: "http://h/t".into(),
            socket_url: "ws://h/v1".into(),
            api_url: None,
            dashboard: Some("b".into()),
            may_choose: false,
        };
        let body = body.to_owned();
        let answer = HttpResponse {
            status: 404,
            retry_after: None,
            body,
        };
        let error = read(Ok(answer), &endpoints).expect_err("unknown");
        let a = DashboardName {
            name: "a".into(),
            title: "A".into(),
        };
        assert_eq!(error, TokenError::Unknown("none".into(), vec![a]));
    }
}
