//! `GET /connection/summarizePoints`: the points of a time range, thinned, for a
//! connected viewer.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use live_dashboard_protocol::history::SummaryRequest;
use live_dashboard_protocol::summary::Summary;

use super::access::check_origin;
use super::error::ApiError;
use super::history::{Parameters, refused};
use crate::hub::Hub;

pub(crate) async fn summarize(
    State(hub): State<Arc<Hub>>,
    connection: Result<Query<Parameters>, QueryRejection>,
    request: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Summary>, ApiError> {
    check_origin(&hub, &headers, "history")?;
    let Query(connection) = connection.unwrap_or_default();
    hub.check_secret(&connection.connection_id, &connection.connection_secret)
        .await
        .map_err(|error| refused(&hub, error))?;
    let Query(parameters) = request.unwrap_or_default();
    let request = SummaryRequest::parse(&parameters)
        .map_err(|error| ApiError::from(error).counted(&hub, "history", "invalid"))?;
    let summary = hub.summary(&connection.connection_id, request).await;
    Ok(Json(summary.map_err(|error| refused(&hub, error))?))
}
