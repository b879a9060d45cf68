//! `POST /live-dashboard`: a token for a viewer's next connection.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use live_dashboard_protocol::token::{TokenRequest, TokenResponse};

use super::access;
use super::body::read_body;
use super::error::ApiError;
use crate::dashboards::DEFAULT;
use crate::hub::{Hub, unix_seconds};

/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 4 * 1024;

pub(crate) async fn issue(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TokenResponse>, ApiError> {
    let uid = access::viewer(&hub, &headers)?;
    let body = read_body(body, MAX_BODY_BYTES).await?;
    let request = TokenRequest::parse(&body)
        .map_err(|error| ApiError::from(error).counted(&hub, "token", "invalid"))?;
    let name = request.dashboard.as_deref().unwrap_or(DEFAULT);
    let dashboard = hub.dashboards().get(name).ok_or_else(|| {
        let message = format!("there is no dashboard `{name}`");
        ApiError::new(StatusCode::NOT_FOUND, "UNKNOWN_DASHBOARD", message).counted(
            &hub,
            "token",
            "unknown_dashboard",
        )
    })?;
    let all = hub.dashboards().list();
    Ok(Json(TokenResponse {
        token: hub.viewer_token(&dashboard.channel, uid.as_deref()),
        channel: dashboard.channel.to_string(),
        layout: Some(dashboard.json.clone()),
        dashboards: if all.len() > 1 { all } else { Vec::new() },
        page_version: hub.page().map(|page| page.version.clone()),
        time: Some((unix_seconds() * 1000.0).round()),
    }))
}
