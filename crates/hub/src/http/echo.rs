//! `GET /echo`: a WebSocket that returns what it receives, to test how the hub speaks the
//! protocol. Only builds with the feature `echo` have it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::client::Client;
use super::error::ApiError;
use crate::hub::Hub;
use crate::session;

pub(crate) async fn echo(
    State(hub): State<Arc<Hub>>,
    client: Client,
    mut request: Request,
) -> Result<Response, ApiError> {
    let response = create_response_with_body(&request, Body::empty).map_err(|error| {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_HANDSHAKE",
            error.to_string(),
        )
    })?;
    if let Some(peer) = client.peer {
        peer.becomes_websocket();
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            session::echo(upgraded, &hub).await;
        }
    });
    Ok(response)
}
