//! `POST /connection/listMessages`: stored messages, for a connected viewer.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::history::{HistoryRequest, HistoryResponse, StoredMessage};
use serde::Deserialize;

use super::error::ApiError;
use super::token::read_body;
use crate::engine::Message;
use crate::hub::{HistoryError, Hub};

/// Nothing that a viewer sends here is long.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// Who asks. The secret travels here as the protocol has it, so this is never
/// logged.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameters {
    #[serde(default)]
    connection_id: String,
    #[serde(default)]
    connection_secret: String,
}

pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<HistoryResponse>, ApiError> {
    let refuse = |reason, error: ApiError| {
        hub.metrics.refuse("history", reason);
        error
    };
    hub.parts.origins.check_origin(&headers).map_err(|error| {
        let status = StatusCode::FORBIDDEN;
        refuse(
            "origin_not_allowed",
            ApiError::new(status, "ORIGIN_NOT_ALLOWED", error.to_string()),
        )
    })?;
    let failed = |error: HistoryError| {
        let message = error.to_string();
        match error {
            HistoryError::NoConnection => refuse(
                "no_connection",
                ApiError::new(StatusCode::UNAUTHORIZED, "NO_CONNECTION", message),
            ),
            HistoryError::NotSubscribed => refuse(
                "not_subscribed",
                ApiError::new(StatusCode::FORBIDDEN, "NOT_SUBSCRIBED", message),
            ),
            HistoryError::Engine(error) => error.into(),
        }
    };
    // What cannot be read names no connection.
    let Query(who) = parameters.unwrap_or_default();
    hub.check_secret(&who.connection_id, &who.connection_secret)
        .await
        .map_err(failed)?;
    let body = read_body(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| refuse("body", error))?;
    let request = HistoryRequest::parse(&body).map_err(|error| {
        let detail = ErrorDetail::from(error);
        refuse("invalid", ApiError::bad_request(detail))
    })?;
    let messages = hub
        .history(&who.connection_id, request)
        .await
        .map_err(failed)?;
    Ok(Json(HistoryResponse {
        messages: messages.into_iter().map(stored).collect(),
    }))
}

fn stored(message: Message) -> StoredMessage {
    StoredMessage {
        id: message.id.to_string(),
        event: message.event.to_string(),
        channel: message.channel.to_string(),
        data: message.data,
    }
}
