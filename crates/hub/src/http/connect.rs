//! `GET /v1`: the WebSocket upgrade, and the same without upgrade headers for
//! a browser that wants to know why it was refused.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::error::ApiError;
use crate::auth::{Claims, TokenError, authorize_connect};
use crate::hub::{Hub, UseError};
use crate::session::{self, MAX_READ_BYTES};

/// The library's own default of 128 KiB for each connection would be most of
/// what an idle viewer costs.
const BUFFER_BYTES: usize = 4 * 1024;

#[derive(Deserialize)]
pub(crate) struct Parameters {
    token: Option<String>,
}

pub(crate) async fn connect(
    State(hub): State<Arc<Hub>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let claims = match check(&hub, &parameters, &headers) {
        Ok(claims) => claims,
        Err(refusal) => return refusal.into_response(),
    };
    match upgrade {
        Ok(upgrade) => match take(&hub, hub.use_up(&claims).await) {
            Ok(()) => open(upgrade, hub, claims),
            Err(refusal) => refusal.into_response(),
        },
        Err(rejection) if wants_upgrade(&headers) => ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_HANDSHAKE",
            rejection.body_text(),
        )
        .into_response(),
        Err(_) => match take(&hub, hub.check_use(&claims).await) {
            Ok(()) => upgrade_required(),
            Err(refusal) => refusal.into_response(),
        },
    }
}

/// Everything that stands before the token's single use.
fn check(hub: &Hub, parameters: &Parameters, headers: &HeaderMap) -> Result<Claims, ApiError> {
    hub.parts.origins.check_origin(headers).map_err(|error| {
        hub.metrics.refuse("connect", "origin_not_allowed");
        ApiError::new(
            StatusCode::FORBIDDEN,
            "ORIGIN_NOT_ALLOWED",
            error.to_string(),
        )
    })?;
    let token = parameters.token.as_deref().unwrap_or_default();
    let checked = hub.verify(token).and_then(|claims| {
        authorize_connect(&claims)?;
        Ok(claims)
    });
    checked.map_err(|error| refuse(hub, error))
}

/// Turns what became of the single use into an answer.
fn take(hub: &Hub, used: Result<(), UseError>) -> Result<(), ApiError> {
    used.map_err(|error| match error {
        UseError::Token(error) => refuse(hub, error),
        UseError::Engine(error) => error.into(),
    })
}

fn refuse(hub: &Hub, error: TokenError) -> ApiError {
    hub.metrics.refuse("connect", error.reason());
    error.into()
}

fn open(upgrade: WebSocketUpgrade, hub: Arc<Hub>, claims: Claims) -> Response {
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES)
        .on_upgrade(move |socket| {
            let sessions = hub.sessions.clone();
            sessions.track_future(session::run(socket, hub, claims))
        })
}

fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
}

/// Nothing stands against the connection but that this is not one.
fn upgrade_required() -> Response {
    let error = ApiError::new(
        StatusCode::UPGRADE_REQUIRED,
        "UPGRADE_REQUIRED",
        "the token is good; connect with a WebSocket",
    );
    ([(header::UPGRADE, "websocket")], error).into_response()
}
