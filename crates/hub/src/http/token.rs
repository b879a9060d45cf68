//! `POST /live-dashboard`: a token for one viewer's next connection.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::LengthLimitError;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::token::{TokenRequest, TokenResponse};

use super::error::ApiError;
use crate::dashboards::DEFAULT;
use crate::hub::{Hub, ViewerAccess, unix_seconds};

/// How long a token of the hub's own may wait for its connection, in seconds.
pub(crate) const TOKEN_LIFETIME_SECONDS: f64 = 60.0;
/// Nothing that a viewer sends here is long.
const MAX_BODY_BYTES: usize = 4 * 1024;
/// What a token's `uid` may have.
const MAX_UID_CHARS: usize = 128;

pub(crate) async fn issue(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TokenResponse>, ApiError> {
    let uid = admit(&hub, &headers)?;
    let refuse = |reason, error: ApiError| {
        hub.metrics.refuse("token", reason);
        error
    };
    let request = TokenRequest::parse(&read_body(body, MAX_BODY_BYTES).await?)
        .map_err(|error| refuse("invalid", ApiError::bad_request(error.into())))?;
    let name = request.dashboard.as_deref().unwrap_or(DEFAULT);
    let dashboard = hub.parts.dashboards.get(name).ok_or_else(|| {
        let message = format!("there is no dashboard `{name}`");
        refuse(
            "unknown_dashboard",
            ApiError::new(StatusCode::NOT_FOUND, "UNKNOWN_DASHBOARD", message),
        )
    })?;
    let all = hub.parts.dashboards.list();
    let now = unix_seconds();
    let history_start = hub.parts.history.map(|history| now - history.as_secs_f64());
    let token = hub.parts.signer.viewer_token(
        &dashboard.channel,
        uid,
        history_start.map(|start| start.max(0.0)),
        now,
        TOKEN_LIFETIME_SECONDS,
    );
    Ok(Json(TokenResponse {
        token,
        channel: dashboard.channel.to_string(),
        layout: Some(dashboard.json.clone()),
        dashboards: if all.len() > 1 { all } else { Vec::new() },
        page_version: hub
            .parts
            .page
            .as_ref()
            .map(|page| page.version().to_owned()),
        time: Some((now * 1000.0).round()),
    }))
}

/// Whether a page may have what viewers may have, and for whom it asks.
pub(crate) fn admit(hub: &Hub, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let refuse = |reason, error: ApiError| {
        hub.metrics.refuse("token", reason);
        error
    };
    hub.parts.origins.check_origin(headers).map_err(|error| {
        let status = StatusCode::FORBIDDEN;
        refuse(
            "origin_not_allowed",
            ApiError::new(status, "ORIGIN_NOT_ALLOWED", error.to_string()),
        )
    })?;
    viewer(&hub.parts.viewer_access, headers).map_err(|error| refuse("no_viewer_access", error))
}

/// Who asks, as far as the hub can tell.
fn viewer(access: &ViewerAccess, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    match access {
        ViewerAccess::Open => Ok(None),
        ViewerAccess::Off => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "VIEWER_ACCESS_OFF",
            "this hub issues no tokens to viewers",
        )),
        ViewerAccess::ProxyHeader(name) => {
            let mut values = headers.get_all(name).iter();
            let uid = values
                .next()
                .and_then(|value| value.to_str().ok())
                .map(str::trim)
                .filter(|uid| !uid.is_empty() && uid.chars().nth(MAX_UID_CHARS).is_none());
            match (uid, values.next()) {
                (Some(uid), None) => Ok(Some(uid.to_owned())),
                _ => Err(ApiError::new(
                    StatusCode::UNAUTHORIZED,
                    "NOT_SIGNED_IN",
                    format!("the proxy did not say in the header `{name}` who is signed in"),
                )),
            }
        }
    }
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    use std::error::Error;
    to_bytes(body, limit).await.map_err(|error| {
        if error
            .source()
            .is_some_and(|source| source.is::<LengthLimitError>())
        {
            let message = format!("the body must have at most {limit} bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
        } else {
            let detail = ErrorDetail::new("INVALID_BODY", "the body ended early");
            ApiError::bad_request(detail)
        }
    })
}
