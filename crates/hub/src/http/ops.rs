//! Endpoints for operators: health and metrics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::hub::Hub;
use crate::metrics::CONTENT_TYPE;

/// `GET /healthz`.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// `GET /metrics`.
pub(crate) async fn metrics(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    let metrics = hub.encoded_metrics().await;
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics)
}
