//! Reads the bodies of requests.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use http_body_util::LengthLimitError;
use live_dashboard_protocol::error::ErrorDetail;

use super::error::ApiError;

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    to_bytes(body, limit).await.map_err(|error| {
        let source = error.source();
        if source.is_some_and(|source| source.is::<LengthLimitError>()) {
            let message = format!("the body must have at most {limit} bytes");
            return ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message);
        }
        ApiError::bad_request(ErrorDetail::new("INVALID_BODY", "the body ended early"))
    })
}
