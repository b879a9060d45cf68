//! `POST /connection/listMessages`: stored messages, for a connected viewer.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use live_dashboard_protocol::history::{HistoryRequest, HistoryResponse, StoredMessage};
use serde::Deserialize;

use super::access::check_origin;
use super::body::read_body;
use super::error::ApiError;
use crate::engine::Message;
use crate::hub::{HistoryError, Hub};

/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// The connection. The protocol puts the secret into the query: never log it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Parameters {
    pub(super) connection_id: String,
    pub(super) connection_secret: String,
}

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<HistoryResponse>, ApiError> {
    check_origin(&hub, &headers, "history")?;
    // An unreadable query identifies no connection.
    let Query(connection) = parameters.unwrap_or_default();
    hub.check_secret(&connection.connection_id, &connection.connection_secret)
        .await
        .map_err(|error| refused(&hub, error))?;
    let body = read_body(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| error.counted(&hub, "history", "body"))?;
    let request = HistoryRequest::parse(&body)
        .map_err(|error| ApiError::from(error).counted(&hub, "history", "invalid"))?;
    let messages = hub
        .history(&connection.connection_id, request)
        .await
        .map_err(|error| refused(&hub, error))?;
    Ok(Json(HistoryResponse {
        messages: messages.into_iter().map(stored).collect(),
    }))
}

/// Why a connection gets no stored messages.
pub(super) fn refused(hub: &Hub, error: HistoryError) -> ApiError {
    let message = error.to_string();
    let (status, code, reason) = match error {
        HistoryError::NoConnection => (StatusCode::UNAUTHORIZED, "NO_CONNECTION", "no_connection"),
        HistoryError::NotSubscribed => (StatusCode::FORBIDDEN, "NOT_SUBSCRIBED", "not_subscribed"),
        HistoryError::Engine(error) => return error.into(),
    };
    ApiError::new(status, code, message).counted(hub, "history", reason)
}

/// A stored message on the wire.
pub(super) fn stored(message: Message) -> StoredMessage {
    StoredMessage {
        id: message.id.to_string(),
        event: message.event.to_string(),
        channel: message.channel.to_string(),
        data: message.data,
    }
}
