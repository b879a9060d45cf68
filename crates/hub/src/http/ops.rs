//! Endpoints for operators: health and metrics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::error::ApiError;
use crate::hub::Hub;
use crate::metrics::CONTENT_TYPE;

/// `GET /healthz`.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: whether the hub should get requests.
pub(crate) async fn ready(State(hub): State<Arc<Hub>>) -> Result<&'static str, ApiError> {
    match hub.not_ready().await {
        None => Ok("ok\n"),
        Some(reason) => Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "NOT_READY",
            reason,
        )),
    }
}

/// `GET /metrics`.
pub(crate) async fn metrics(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    let metrics = hub.encoded_metrics().await;
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics)
}
