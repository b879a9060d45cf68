//! `GET /connection/summarizePoints`: the points of a time range, thinned, for a
//! connected viewer.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use live_dashboard_protocol::history::SummaryRequest;

use super::access::check_origin;
use super::answer::{self, Parameters};
use super::error::ApiError;
use crate::hub::Hub;

pub(crate) async fn summarize(
    State(hub): State<Arc<Hub>>,
    connection: Result<Query<Parameters>, QueryRejection>,
    request: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_origin(&hub, &headers, "history")?;
    let Query(connection) = connection.unwrap_or_default();
    let permit = answer::permit(&hub, &connection).await?;
    let Query(parameters) = request.unwrap_or_default();
    let request = SummaryRequest::parse(&parameters)
        .map_err(|error| ApiError::from(error).counted(&hub, "history", "invalid"))?;
    let summary = hub.summary(&connection.connection_id, request).await;
    let summary = summary.map_err(|error| answer::refused(&hub, error))?;
    answer::respond(&hub, permit, &summary)
}
