//! `POST /connection/listMessages`: stored messages, for a connected viewer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use live_dashboard_protocol::history::{HistoryRequest, HistoryResponse, StoredMessage};

use super::access::check_origin;
use super::answer::{self, Parameters};
use super::body::read_body;
use super::error::ApiError;
use crate::engine::Message;
use crate::hub::Hub;

/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 8 * 1024;

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    check_origin(&hub, &headers, "history")?;
    // An unreadable query identifies no connection.
    let Query(connection) = parameters.unwrap_or_default();
    let permit = answer::permit(&hub, &connection).await?;
    let body = read_body(&hub, body, MAX_BODY_BYTES, "history").await?;
    let request = HistoryRequest::parse(&body)
        .map_err(|error| ApiError::from(error).counted(&hub, "history", "invalid"))?;
    let messages = hub
        .history(&connection.connection_id, request)
        .await
        .map_err(|error| answer::refused(&hub, error))?;
    let messages = messages.into_iter().map(stored).collect();
    answer::respond(&hub, permit, &HistoryResponse { messages })
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
