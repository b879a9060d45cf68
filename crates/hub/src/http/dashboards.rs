//! `GET /dashboards`: what there is to see.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use live_dashboard_protocol::token::DashboardName;
use serde::Serialize;

use super::error::ApiError;
use super::token::admit;
use crate::hub::Hub;

#[derive(Serialize)]
pub(crate) struct List {
    dashboards: Vec<DashboardName>,
}

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
) -> Result<Json<List>, ApiError> {
    admit(&hub, &headers)?;
    Ok(Json(List {
        dashboards: hub.parts.dashboards.list(),
    }))
}
