//! Whether an address is a hub's, asked before anything is settled.

use live_dashboard_protocol::error::refusal_message;
use live_dashboard_protocol::token::{Grant, TokenRequest};

use super::{Endpoints, refusal};
use crate::platform::{self, HttpResponse};

/// Why a dashboard cannot be shown from these addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// There is no answer.
    #[error("Nothing can be reached at {address}: {cause}.")]
    Unreachable {
        /// What was asked.
        address: String,
        /// Why, in words.
        cause: String,
    },
    /// Something answers, but no hub.
    #[error("What answers at {address} is not a hub{}.", said(*.status))]
    NotAHub {
        /// What was asked.
        address: String,
        /// The answer's status.
        status: u16,
    },
    /// A hub that says no, or knows no such dashboard.
    #[error("{0}")]
    Refused(String),
    /// A hub that is not well.
    #[error("The hub at {address} gives no answer now (status {status}). Try again later.")]
    Failing {
        /// What was asked.
        address: String,
        /// The answer's status.
        status: u16,
    },
}

/// Asks the token endpoint for the dashboard.
///
/// # Errors
/// What is wrong, as a sentence.
pub async fn check(endpoints: &Endpoints) -> Result<(), CheckError> {
    let dashboard = endpoints.dashboard.as_deref();
    let body = TokenRequest::encode(dashboard);
    let address = endpoints.token_address();
    match platform::http_post_json(&endpoints.token_url, body).await {
        Ok(answer) => judge(&answer, dashboard, address),
        Err(error) => Err(CheckError::Unreachable {
            address,
            cause: error.to_string(),
        }),
    }
}

fn judge(
    answer: &HttpResponse,
    dashboard: Option<&str>,
    address: String,
) -> Result<(), CheckError> {
    let HttpResponse { status, body } = answer;
    match *status {
        200..300 if Grant::parse(body).is_some() => Ok(()),
        // A proxy in front of a hub has other words than the hub.
        401 | 403 => Err(CheckError::Refused(
            refusal::final_refusal(*status, body, dashboard, &address).unwrap_or_default(),
        )),
        404 if refusal_message(body).is_some() => Err(CheckError::Refused(match dashboard {
            Some(name) => format!("The hub has no dashboard “{name}”."),
            None => format!("There is no token endpoint at {address}."),
        })),
        status @ (408 | 429 | 500 | 502..=504) => Err(CheckError::Failing { address, status }),
        status => Err(CheckError::NotAHub { address, status }),
    }
}

/// What an answer without a meaning has by way of one.
fn said(status: u16) -> String {
    match status {
        200..300 => String::new(),
        status => format!(" (status {status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str, dashboard: Option<&str>) -> String {
        let answer = HttpResponse {
            status,
            body: body.into(),
        };
        match judge(&answer, dashboard, "http://h/t".into()) {
            Ok(()) => "fine".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_answer_with_a_token_is_a_hub_s() {
        assert_eq!(judged(200, r#"{"token":"t","channel":"c"}"#, None), "fine");
    }

    #[test]
    fn other_answers_say_what_they_are() {
        let no_dashboard = r#"{"error":{"code":"UNKNOWN","message":"No such dashboard"}}"#;
        for (status, body, dashboard, words) in [
            (200, "<html>", None, "at http://h/t is not a hub."),
            (200, "{}", None, "is not a hub."),
            (404, "<html>", None, "is not a hub (status 404)."),
            (404, "Not found", Some("ops"), "is not a hub (status 404)."),
            (405, "", None, "is not a hub (status 405)."),
            (501, "", None, "is not a hub (status 501)."),
            (301, "", None, "is not a hub (status 301)."),
            (404, no_dashboard, Some("ops"), "no dashboard “ops”"),
            (401, "", None, "sign in"),
            (403, no_dashboard, None, "No such dashboard"),
            (503, "", None, "status 503"),
            (429, "", None, "Try again later"),
        ] {
            let told = judged(status, body, dashboard);
            assert!(told.contains(words), "{status} {body}: {told}");
        }
    }
}
