//! `POST /live-dashboard`: a token for a viewer's next connection. A drawn page
//! contains the same answer.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use live_dashboard_protocol::limits::MAX_LABEL_CHARS;
use live_dashboard_protocol::name::cut;
use live_dashboard_protocol::token::{TokenRequest, TokenResponse};

use super::access;
use super::body::read_body;
use super::error::ApiError;
use crate::dashboards::{DEFAULT, Dashboard, Viewer};
use crate::hub::{Hub, unix_seconds};

/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 4 * 1024;

pub(crate) async fn issue(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TokenResponse>, ApiError> {
    let viewer = access::viewer(&hub, &headers, "token")?;
    let body = read_body(&hub, body, MAX_BODY_BYTES, "token").await?;
    let request = TokenRequest::parse(&body)
        .map_err(|error| ApiError::from(error).counted(&hub, "token", "invalid"))?;
    let name = request.dashboard.as_deref();
    Ok(Json(Permit::new(&hub, viewer, name, "token")?.grant(&hub)))
}

/// A viewer's right to watch a dashboard.
pub(crate) struct Permit {
    pub(crate) dashboard: Arc<Dashboard>,
    viewer: Viewer,
}

impl Permit {
    /// The right of `viewer`, as [`access::viewer`] returns it, to the dashboard of this
    /// name; `request` is the label in the metrics. A dashboard that the viewer may not see
    /// is as unknown as one that does not exist.
    pub(crate) fn new(
        hub: &Hub,
        viewer: Viewer,
        name: Option<&str>,
        request: &'static str,
    ) -> Result<Self, ApiError> {
        let Some(dashboard) = hub.dashboards().find(name, &viewer) else {
            let name = cut(name.unwrap_or(DEFAULT), MAX_LABEL_CHARS);
            let message = format!("there is no dashboard `{name}`");
            let error = ApiError::new(StatusCode::NOT_FOUND, "UNKNOWN_DASHBOARD", message);
            let mut error = error.counted(hub, request, "unknown_dashboard");
            error.dashboards = hub.dashboards().list(&viewer);
            return Err(error);
        };
        Ok(Self { dashboard, viewer })
    }

    /// A token, and what the page may show with it.
    pub(crate) fn grant(&self, hub: &Hub) -> TokenResponse {
        let Self { dashboard, viewer } = self;
        let all = hub.dashboards().list(viewer);
        TokenResponse {
            token: hub.viewer_token(&dashboard.channels, viewer.uid.as_deref()),
            channel: dashboard.channel().to_string(),
            layout: Some(dashboard.json.clone()),
            dashboards: if all.len() > 1 { all } else { Vec::new() },
            page_version: hub.page().map(|page| page.version.clone()),
            history: hub.history_window().map(|window| window.as_secs_f64()),
            time: Some((unix_seconds() * 1000.0).round()),
        }
    }
}
