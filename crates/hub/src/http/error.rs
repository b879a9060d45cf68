//! Refusals as HTTP answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use live_dashboard_protocol::error::{ErrorBody, ErrorDetail};

use crate::auth::TokenError;
use crate::engine::EngineError;

/// A refusal: a status, and the reason as JSON.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            detail: ErrorDetail::new(code, message),
        }
    }

    /// A request whose content breaks a rule.
    pub(crate) fn bad_request(detail: ErrorDetail) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            detail,
        }
    }

    /// A message that the engine's store did not take.
    pub(crate) fn not_stored(error: &EngineError) -> Self {
        // The engine complains by itself, and not for each message.
        tracing::debug!(%error, "a message was not published");
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "STORE_FAILED",
            "the hub could not store this, and has not published it: try again",
        )
    }

    /// There is nothing at the request's path.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing here")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(ErrorBody { error: self.detail });
        (self.status, body).into_response()
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        Self::new(
            status,
            &error.reason().to_ascii_uppercase(),
            error.to_string(),
        )
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        // Logged here and nowhere else: the caller gets no more than this.
        tracing::error!(%error, "the engine failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ENGINE_FAILED",
            "the hub could not do this now: try again",
        )
    }
}
