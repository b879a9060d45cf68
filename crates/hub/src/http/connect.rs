//! `GET /v1`: the WebSocket upgrade. Without upgrade headers, the same request
//! tells a browser why the handshake was refused.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::access::check_origin;
use super::client::Client;
use super::error::ApiError;
use crate::admission::ViewerPermit;
use crate::auth::{Claims, TokenError, authorize_connect};
use crate::hub::{Hub, UseError};
use crate::session;

#[derive(Deserialize)]
pub(crate) struct Parameters {
    #[serde(default)]
    token: String,
}

pub(crate) async fn connect(
    State(hub): State<Arc<Hub>>,
    client: Client,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers();
    check_origin(&hub, headers, "connect")?;
    let refused = |error: TokenError| {
        let reason = error.reason();
        ApiError::from(error).counted(&hub, "connect", reason)
    };
    let used = |error: UseError| match error {
        UseError::Token(error) => refused(error),
        UseError::Engine(error) => error.into(),
    };
    // Two tokens are none: it is not clear which one is meant.
    let parameters = Query::<Parameters>::try_from_uri(request.uri());
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
    match create_response_with_body(&request, Body::empty) {
        Ok(response) => {
            hub.use_up(&claims).await.map_err(used)?;
            if let Some(peer) = client.peer {
                peer.becomes_websocket();
            }
            open(request, hub, Arc::new(claims), permit);
            Ok(response)
        }
        Err(error) if headers.contains_key(header::UPGRADE) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_HANDSHAKE",
            error.to_string(),
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

/// Serves the session once the answer has been sent.
fn open(mut request: Request, hub: Arc<Hub>, claims: Arc<Claims>, permit: ViewerPermit) {
    let upgrade = hyper::upgrade::on(&mut request);
    let sessions = hub.sessions().clone();
    let session = sessions.track_future(async move {
        match upgrade.await {
            Ok(upgraded) => session::run(upgraded, hub, claims).await,
            Err(error) => tracing::debug!(%error, "a connection did not become a WebSocket"),
        }
        drop(permit);
    });
    tokio::spawn(session);
}
