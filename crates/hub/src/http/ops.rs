//! What operators ask: is it up, and what has it counted.

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
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], hub.measured().await)
}
