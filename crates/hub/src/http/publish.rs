//! `POST /publish`: a backend's message.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::MAX_PUBLISH_BYTES;
use live_dashboard_protocol::publish::{PublishRequest, PublishResponse};

use super::error::ApiError;
use super::schedule;
use crate::engine::{EngineError, NewMessage};
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
    let due = request
        .schedule_expression
        .map(|expression| {
            let zone = request.schedule_expression_timezone.as_deref();
            schedule::due(&expression, zone, SystemTime::now())
        })
        .transpose()
        .map_err(|detail| {
            hub.metrics.refuse("publish", "invalid");
            ApiError::bad_request(detail)
        })?;
    let mut answer = PublishResponse {
        channel: request.channel.to_string(),
        event: request.event.to_string(),
        id: None,
        schedule_arn: None,
    };
    let message = NewMessage {
        channel: request.channel,
        event: request.event,
        data: request.data.unwrap_or_else(null),
        deduplication_id: request.deduplication_id,
        store: request.store,
    };
    let full = |error: EngineError| {
        hub.metrics.refuse("publish", "store_failed");
        ApiError::not_stored(&error)
    };
    match due {
        Some(at) => answer.schedule_arn = Some(hub.schedule(at, message).await.map_err(full)?),
        None => {
            let published = hub.publish(message).await.map_err(full)?;
            if request.eager_id_generation {
                answer.id = Some(published.id.to_string());
            }
        }
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
    super::token::read_body(body, MAX_PUBLISH_BYTES)
        .await
        .inspect_err(|_| hub.metrics.refuse("publish", "body"))
}
