//! `GET /v1`: the WebSocket upgrade. Without upgrade headers, the same request
//! tells a browser why the handshake was refused.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::access::check_origin;
use super::client::Client;
use super::error::ApiError;
use crate::admission::ViewerPermit;
use crate::auth::{Claims, TokenError, authorize_connect};
use crate::hub::{Hub, UseError};
use crate::session::{self, MAX_READ_BYTES};

/// The library's default of 128 KiB would be most of an idle connection's memory.
pub(super) const BUFFER_BYTES: usize = 4 * 1024;

#[derive(Deserialize)]
pub(crate) struct Parameters {
    #[serde(default)]
    token: String,
}

pub(crate) async fn connect(
    State(hub): State<Arc<Hub>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    client: Client,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    check_origin(&hub, &headers, "connect")?;
    let refused = |error: TokenError| {
        let reason = error.reason();
        ApiError::from(error).counted(&hub, "connect", reason)
    };
    let used = |error: UseError| match error {
        UseError::Token(error) => refused(error),
        UseError::Engine(error) => error.into(),
    };
    // Two tokens are none: it is not clear which one is meant.
    let token = parameters.map_or_else(|_| String::new(), |Query(given)| given.token);
    let claims = hub.verify(&token).await.map_err(refused)?;
    authorize_connect(&claims).map_err(refused)?;
    let permit = hub
        .admission()
        .viewer(client.address, claims.uid.as_deref())
        .map_err(|refusal| {
            hub.over_limit("connect", refusal.reason(), client.address);
            ApiError::from(refusal)
        })?;
    match upgrade {
        Ok(upgrade) => {
            hub.use_up(&claims).await.map_err(used)?;
            if let Some(peer) = client.peer {
                peer.becomes_websocket();
            }
            Ok(open(upgrade, hub, claims, permit))
        }
        Err(rejection) if headers.contains_key(header::UPGRADE) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_HANDSHAKE",
            rejection.body_text(),
        )),
        Err(_) => {
            hub.check_use(&claims).await.map_err(used)?;
            let error = ApiError::new(
                StatusCode::UPGRADE_REQUIRED,
                "UPGRADE_REQUIRED",
                "the token is valid: connect with a WebSocket",
            );
            Ok(([(header::UPGRADE, "websocket")], error).into_response())
        }
    }
}

fn open(
    upgrade: WebSocketUpgrade,
    hub: Arc<Hub>,
    claims: Claims,
    permit: ViewerPermit,
) -> Response {
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES)
        .on_upgrade(move |socket| {
            let sessions = hub.sessions().clone();
            sessions.track_future(async move {
                session::run(socket, hub, claims).await;
                drop(permit);
            })
        })
}
