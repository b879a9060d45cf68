//! Sends a message once, and says how that failed.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::timeout;

use super::definition::{Definition, Kind};
use super::notification::Notification;
use super::queue::Failed;
use super::{email, format};
use crate::sources::{Client, Problem, Variables, error_text};

/// How long sending may take.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a message was not sent, in words for viewers, and what follows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) problem: Problem,
    pub(super) failed: Failed,
}

impl Failure {
    /// The receiver has not got it.
    pub(super) fn certain(problem: impl ToString) -> Self {
        Self {
            problem: Problem(problem.to_string()),
            failed: Failed::default(),
        }
    }

    /// The receiver may have got it.
    pub(super) fn uncertain(problem: impl ToString) -> Self {
        let mut failure = Self::certain(problem);
        failure.failed.is_uncertain = true;
        failure
    }

    /// The receiver does not take it.
    pub(super) fn refused(problem: impl ToString) -> Self {
        let mut failure = Self::certain(problem);
        failure.failed.is_refused = true;
        failure
    }
}

/// Sends a message once.
///
/// # Errors
/// It was not sent, or nobody knows.
pub(super) async fn send(
    definition: &Definition,
    variables: &Variables,
    notification: &Notification,
) -> Result<(), Failure> {
    if definition.kind == Kind::Email {
        return email::send(definition, variables, notification).await;
    }
    let post = prepare(definition, variables, notification).map_err(Failure::certain)?;
    let posted = tokio::task::spawn_blocking(post);
    // The request has a limit of its own: this is for what blocks nevertheless.
    match timeout(2 * SEND_TIMEOUT, posted).await {
        Ok(Ok(posted)) => posted,
        _ => Err(Failure::uncertain("the sending was stopped")),
    }
}

/// The request of a message.
fn prepare(
    definition: &Definition,
    variables: &Variables,
    notification: &Notification,
) -> Result<impl FnOnce() -> Result<(), Failure> + use<>, Problem> {
    let client = Client::new(&definition.http, variables)?;
    let url = variables.expand(definition.http.url.as_deref().unwrap_or_default())?;
    let mut headers = Vec::new();
    for (name, value) in &definition.headers {
        let value = variables.expand(&value.0)?;
        if HeaderValue::try_from(&value).is_err() {
            return Err(Problem(format!("the header `{name}` has no valid value")));
        }
        headers.push((name.clone(), value));
    }
    let (url, json) = format::request(definition.kind, url, notification).map_err(Problem)?;
    Ok(
        move || match client.post(&url, &headers, &json, SEND_TIMEOUT) {
            Ok(answer) => outcome(answer.status, &answer.headers),
            Err(error) => {
                let is_uncertain = is_uncertain(&error);
                let problem = error_text(error, SEND_TIMEOUT);
                Err(match is_uncertain {
                    true => Failure::uncertain(problem),
                    false => Failure::certain(problem),
                })
            }
        },
    )
}

/// Whether the request may have been received.
fn is_uncertain(error: &ureq::Error) -> bool {
    use std::io::ErrorKind;
    use ureq::{Error, Timeout};
    match error {
        Error::Timeout(timeout) => !matches!(timeout, Timeout::Resolve | Timeout::Connect),
        Error::Io(error) => !matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        ),
        Error::Protocol(_) => true,
        _ => false,
    }
}

/// What an answer means.
fn outcome(status: StatusCode, headers: &HeaderMap) -> Result<(), Failure> {
    let problem = format!("status {}", status.as_u16());
    let mut failure = match status.as_u16() {
        200..300 => return Ok(()),
        408 | 425 | 429 => Failure::certain(problem),
        // A proxy did not get the answer.
        502 | 504 => Failure::uncertain(problem),
        500.. => Failure::certain(problem),
        _ => Failure::refused(problem),
    };
    let retry_after = headers.get("retry-after").and_then(|it| it.to_str().ok());
    failure.failed.retry_after = retry_after.and_then(|text| wait(text, Timestamp::now()));
    Err(failure)
}

/// The time that a `Retry-After` names: seconds, or until when.
fn wait(retry_after: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = retry_after.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::DateTimeParser::new()
        .parse_timestamp(retry_after.trim())
        .ok()?;
    Duration::try_from(until.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_tell_what_follows() {
        let failed = |status: u16| {
            let status = StatusCode::from_u16(status).expect("a status");
            let failed = outcome(status, &HeaderMap::new()).map_err(|it| it.failed);
            failed.map_err(|it| (it.is_refused, it.is_uncertain))
        };
        assert_eq!([200, 202, 204].map(failed), [Ok(()); 3]);
        assert_eq!([408, 429, 500, 503].map(failed), [Err((false, false)); 4]);
        assert_eq!([502, 504].map(failed), [Err((false, true)); 2]);
        assert_eq!([302, 400, 401, 404].map(failed), [Err((true, false)); 4]);
    }

    #[test]
    fn a_receiver_says_when_in_seconds_or_by_the_clock() {
        let now = "2026-01-01T10:00:00Z".parse().expect("a time");
        let wait = |text| wait(text, now).map(|wait| wait.as_secs());
        assert_eq!(wait(" 120"), Some(120));
        assert_eq!(wait("Thu, 01 Jan 2026 10:02:00 GMT"), Some(120));
        assert_eq!(wait("Thu, 01 Jan 2026 09:00:00 GMT"), None, "is over");
        assert_eq!([wait("soon"), wait("-1"), wait("")], [None; 3]);
    }
}
