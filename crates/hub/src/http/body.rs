//! Reads the bodies of requests.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use http_body_util::LengthLimitError;
use live_dashboard_protocol::error::ErrorDetail;
use tokio::time::timeout;

use super::error::ApiError;
use crate::hub::Hub;

/// Reads a body of at most `limit` bytes, within the time that the hub's limits give it;
/// `request` is the label in the metrics.
pub(crate) async fn read_body(
    hub: &Hub,
    body: Body,
    limit: usize,
    request: &'static str,
) -> Result<Bytes, ApiError> {
    let time = hub.limits().transfer_timeout;
    let Ok(read) = timeout(time, to_bytes(body, limit)).await else {
        let message = format!("the body must arrive within {} s", time.as_secs_f64());
        let error = ApiError::new(StatusCode::REQUEST_TIMEOUT, "BODY_TIMEOUT", message);
        return Err(error.counted(hub, request, "body_timeout"));
    };
    read.map_err(|error| {
        let source = error.source();
        if source.is_some_and(|source| source.is::<LengthLimitError>()) {
            return too_large(hub, limit, request);
        }
        ApiError::bad_request(ErrorDetail::new("INVALID_BODY", "the body ended early")).counted(
            hub,
            request,
            "body_ended_early",
        )
    })
}

/// Refuses a body of more than `limit` bytes; `request` is the label in the metrics.
pub(super) fn too_large(hub: &Hub, limit: usize, request: &'static str) -> ApiError {
    let message = format!("the body must have at most {limit} bytes");
    let error = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message);
    error.counted(hub, request, "body_too_large")
}
