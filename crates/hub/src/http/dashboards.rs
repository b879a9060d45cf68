//! `GET /dashboards`: names and titles of the dashboards that the viewer may see.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use live_dashboard_protocol::token::DashboardName;
use serde::Serialize;

use super::access;
use super::error::ApiError;
use crate::hub::Hub;

#[derive(Serialize)]
pub(crate) struct List {
    dashboards: Vec<DashboardName>,
}

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
) -> Result<Json<List>, ApiError> {
    let viewer = access::viewer(&hub, &headers, "token")?;
    let dashboards = hub.dashboards().list(&viewer);
    Ok(Json(List { dashboards }))
}
