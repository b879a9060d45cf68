//! Reads the bodies of requests.

use axum::BoxError;
use axum::body::Bytes;
use axum::http::StatusCode;
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use hyper::body::Body;
use live_dashboard_protocol::error::ErrorDetail;
use tokio::time::timeout;

use super::error::ApiError;
use crate::hub::Hub;

/// Reads a body of at most `limit` bytes, within the time that the hub's limits give it;
/// `request` is the label in the metrics.
pub(crate) async fn read_body<B: Body<Data = Bytes, Error: Into<BoxError>>>(
    hub: &Hub,
    body: B,
    limit: usize,
    request: &'static str,
) -> Result<Bytes, ApiError> {
    let time = hub.limits().transfer_timeout;
    let Ok(read) = timeout(time, Limited::new(body, limit).collect()).await else {
        let message = format!("the body must arrive within {} s", time.as_secs_f64());
        let error = ApiError::new(StatusCode::REQUEST_TIMEOUT, "BODY_TIMEOUT", message);
        return Err(error.counted(hub, request, "body_timeout"));
    };
    read.map(Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
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
