//! `POST /publish`: a backend's message.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::publish::{MAX_BODY_BYTES, PublishRequest, PublishResponse};

use super::error::ApiError;
use crate::engine::NewMessage;
use crate::hub::{Hub, null};

pub(crate) async fn publish(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    authorize(&hub, &headers)?;
    let body = read(&hub, body).await?;
    let request = PublishRequest::parse(&body).map_err(|error| {
        let detail = ErrorDetail::from(error);
        hub.metrics.refuse("publish", "invalid");
        ApiError::bad_request(detail)
    })?;
    if request.schedule_expression.is_some() {
        hub.metrics.refuse("publish", "not_supported");
        return Err(ApiError::bad_request(ErrorDetail {
            field: Some("scheduleExpression".into()),
            ..ErrorDetail::new(
                "NOT_SUPPORTED",
                "`scheduleExpression` is not supported by this hub: publish without it",
            )
        }));
    }
    let mut answer = PublishResponse {
        channel: request.channel.to_string(),
        event: request.event.to_string(),
        id: None,
    };
    let published = hub
        .publish(NewMessage {
            channel: request.channel,
            event: request.event,
            data: request.data.unwrap_or_else(null),
            deduplication_id: request.deduplication_id,
        })
        .await?;
    if request.eager_id_generation {
        answer.id = Some(published.id.to_string());
    }
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// Whether the request carries an API key.
pub(crate) fn authorize(hub: &Hub, headers: &HeaderMap) -> Result<(), ApiError> {
    let presented = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
        })
        .unwrap_or_default();
    if hub.parts.api_keys.accepts(presented) {
        return Ok(());
    }
    hub.metrics.refuse("publish", "wrong_key");
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "WRONG_API_KEY",
        "the header `Authorization` must be `Bearer ` and one of the hub's API keys",
    ))
}

async fn read(hub: &Hub, body: Body) -> Result<axum::body::Bytes, ApiError> {
    super::token::read_body(body, MAX_BODY_BYTES)
        .await
        .inspect_err(|_| hub.metrics.refuse("publish", "body"))
}
