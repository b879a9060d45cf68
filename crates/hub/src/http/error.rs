//! Refusals as HTTP responses.

use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use live_dashboard_protocol::body::BodyError;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::token::DashboardName;
use serde::Serialize;

use crate::auth::TokenError;
use crate::engine::EngineError;
use crate::hub::Hub;

/// When to try again what the engine could not do.
const RETRY: Duration = Duration::from_secs(2);

/// A status, and the reason as JSON.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
    /// Which of several messages is at fault.
    pub(crate) index: Option<u16>,
    /// What there is instead of an unknown dashboard.
    pub(crate) dashboards: Vec<DashboardName>,
    retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            detail: ErrorDetail::new(code, message),
            index: None,
            dashboards: Vec::new(),
            retry_after: None,
        }
    }

    /// A request whose content breaks a rule.
    pub(crate) fn bad_request(detail: ErrorDetail) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail,
            index: None,
            dashboards: Vec::new(),
            retry_after: None,
        }
    }

    /// There is nothing at the request's path.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing here")
    }

    /// What is wrong.
    pub(crate) fn into_detail(self) -> ErrorDetail {
        self.detail
    }

    /// Tells the client when to try again.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// Counts the refusal in the metrics.
    pub(crate) fn counted(self, hub: &Hub, request: &'static str, reason: &'static str) -> Self {
        hub.metrics().refuse(request, reason);
        self
    }
}

/// An [`ErrorBody`](live_dashboard_protocol::error::ErrorBody) that may be about one of
/// several messages.
#[derive(Serialize)]
struct Body {
    error: Indexed,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dashboards: Vec<DashboardName>,
}

#[derive(Serialize)]
struct Indexed {
    #[serde(flatten)]
    detail: ErrorDetail,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u16>,
}

/// Its code and message, for the log.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.detail.code, self.detail.message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self {
            status,
            detail,
            index,
            dashboards,
            retry_after,
        } = self;
        let error = Indexed { detail, index };
        let body = Json(Body { error, dashboards });
        // Whole seconds, rounded up, so that the next try is not too early.
        let seconds = retry_after.map(|wait| wait.as_secs_f64().ceil().max(1.0));
        let retry_after = seconds.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        (status, retry_after, body).into_response()
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        Self::bad_request(error.into())
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let code = error.reason().to_ascii_uppercase();
        Self::new(status, &code, error.to_string())
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        let (code, message) = match error {
            EngineError::Closed => ("STOPPING", "the hub is stopping: try again"),
            EngineError::Busy(_) => ("BUSY", "the hub is busy: try again"),
            EngineError::Unavailable(_) | EngineError::TimedOut => {
                let message = "the hub cannot reach its engine: try again";
                ("ENGINE_UNAVAILABLE", message)
            }
            EngineError::Store(_) => {
                tracing::error!(%error, "the engine failed");
                let message = "the hub is temporarily unable to do this: try again";
                ("ENGINE_FAILED", message)
            }
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).retry_after(RETRY)
    }
}
