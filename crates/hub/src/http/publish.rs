//! `POST /publish`: a backend's message.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use live_dashboard_protocol::limits::MAX_PUBLISH_BYTES;
use live_dashboard_protocol::publish::{PublishRequest, PublishResponse};

use super::access::{check_channel, check_publisher};
use super::body::read_body;
use super::error::ApiError;
use super::{schedule, warnings};
use crate::engine::{EngineError, NewMessage};
use crate::hub::{Hub, null};

pub(crate) async fn publish(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<PublishResponse>), ApiError> {
    let published = accept(&hub, &headers, body).await;
    if let Err(error) = &published
        && let Some(refused) = hub.count_refused_publish()
    {
        tracing::warn!(reason = %error, refused, "refused to publish");
    }
    published
}

async fn accept(
    hub: &Hub,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<PublishResponse>), ApiError> {
    let publisher = check_publisher(hub, headers)?;
    let counted = |reason| move |error: ApiError| error.counted(hub, "publish", reason);
    hub.admission()
        .publish(publisher.index)
        .map_err(|refusal| counted(refusal.reason())(refusal.into()))?;
    let body = read_body(hub, body, MAX_PUBLISH_BYTES, "publish").await?;
    let request = PublishRequest::parse(&body)
        .map_err(ApiError::from)
        .map_err(counted("invalid"))?;
    check_channel(hub, &publisher, &request.channel)?;
    let zone = request.schedule_expression_timezone.as_deref();
    let due = request
        .schedule_expression
        .as_deref()
        .map(|expression| schedule::due(expression, zone, SystemTime::now()))
        .transpose()
        .map_err(ApiError::bad_request)
        .map_err(counted("invalid"))?;
    let mut response = PublishResponse {
        channel: request.channel.to_string(),
        event: request.event.to_string(),
        id: None,
        schedule_arn: None,
        warnings: warnings::of(hub, &request),
    };
    // Pages opened later are not empty because a publisher does not know of `store`.
    let by_default = request.store.is_none() && hub.dashboards().shows(&request.channel);
    let store = match by_default {
        true => hub.default_store(),
        false => request.store.unwrap_or_default(),
    };
    let message = NewMessage {
        channel: request.channel,
        event: request.event,
        data: request.data.unwrap_or_else(null),
        deduplication_id: request.deduplication_id,
        store,
        // Viewers get it at once, even if the disk is full.
        store_later: by_default,
    };
    let failed = |error| {
        let reason = match error {
            EngineError::Store(_) => "store_failed",
            EngineError::Busy(_) => "busy",
            EngineError::Closed => "stopping",
            EngineError::Unavailable(_) => "unavailable",
            EngineError::TimedOut => "timed_out",
        };
        counted(reason)(not_published(error))
    };
    match due {
        Some(at) => {
            let name = hub.schedule(at, message).await.map_err(failed)?;
            response.schedule_arn = Some(name);
        }
        None => {
            let published = hub.publish(message).await.map_err(failed)?;
            let eager = request.eager_id_generation;
            response.id = eager.then(|| published.id.to_string());
        }
    }
    Ok((StatusCode::ACCEPTED, Json(response)))
}

/// The engine itself logs failures of its store, with a limited rate.
pub(super) fn not_published(error: EngineError) -> ApiError {
    tracing::debug!(%error, "a message was not published");
    if !matches!(error, EngineError::Store(_)) {
        return error.into();
    }
    ApiError::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "STORE_FAILED",
        "the hub could not store the message and has not published it: try again",
    )
}
