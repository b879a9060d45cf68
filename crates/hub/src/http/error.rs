//! Refusals as HTTP responses.

use std::fmt;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use live_dashboard_protocol::body::BodyError;
use live_dashboard_protocol::error::{ErrorBody, ErrorDetail};
use live_dashboard_protocol::token::DashboardName;

use crate::auth::TokenError;
use crate::engine::EngineError;
use crate::hub::Hub;

/// A status, and the reason as JSON.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
    /// What there is instead of an unknown dashboard.
    pub(crate) dashboards: Vec<DashboardName>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            detail: ErrorDetail::new(code, message),
            dashboards: Vec::new(),
        }
    }

    /// A request whose content breaks a rule.
    pub(crate) fn bad_request(detail: ErrorDetail) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail,
            dashboards: Vec::new(),
        }
    }

    /// There is nothing at the request's path.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing here")
    }

    /// Counts the refusal in the metrics.
    pub(crate) fn counted(self, hub: &Hub, request: &'static str, reason: &'static str) -> Self {
        hub.metrics().refuse(request, reason);
        self
    }
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
            dashboards,
        } = self;
        let error = detail;
        (status, Json(ErrorBody { error, dashboards })).into_response()
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
        tracing::error!(%error, "the engine failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ENGINE_FAILED",
            "the hub is temporarily unable to do this: try again",
        )
    }
}
