//! `POST /publish`: a backend's message, or several.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::{MAX_PUBLISH_ALL_BYTES, MAX_PUBLISH_BYTES};
use live_dashboard_protocol::publish::{PublishRequest, PublishResponse, Refused, parse_all};
use serde::Serialize;
use tokio::time::timeout;

use super::access::{check_channel, wrong_key};
use super::body::{read_body, too_large};
use super::error::ApiError;
use super::headers::Measured;
use super::router::ANSWER_TIMEOUT;
use super::{schedule, warnings};
use crate::auth::Publisher;
use crate::engine::{EngineError, NewMessage, Published};
use crate::hub::{Hub, null};

pub(super) const PATH: &str = "/publish";

/// The answer to several messages, one for each.
#[derive(Serialize)]
struct AllPublished {
    published: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Accepted(PublishResponse),
    Failed { error: ErrorDetail },
}

/// A message that may be published, and what is answered then.
struct Prepared {
    message: NewMessage,
    /// When to publish it, if not now.
    due: Option<SystemTime>,
    response: PublishResponse,
    /// Whether the answer has the message's id.
    eager: bool,
}

/// Answers whoever has not been found to have a valid API key.
pub(crate) async fn publish(State(hub): State<Arc<Hub>>) -> Response {
    refuse(&hub, wrong_key(&hub))
}

/// Answers a request with a valid API key: without what is done for others
/// before a request and for pages after it.
pub(super) async fn answer(
    hub: &Hub,
    publisher: &Publisher,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Response {
    let measured = Measured::begin(hub, &request, Some(peer));
    let answer = match read(hub, publisher, request.into_body()).await {
        Ok(body) => timeout(ANSWER_TIMEOUT, accept(hub, publisher, &body)).await,
        Err(error) => Ok(Err(error)),
    };
    let answer = answer.unwrap_or_else(|_| {
        let message = "the hub could not answer in time: try again";
        Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "TIMEOUT",
            message,
        ))
    });
    let response = answer.unwrap_or_else(|error| refuse(hub, error));
    measured.end(hub, &response);
    response
}

fn refuse(hub: &Hub, error: ApiError) -> Response {
    if let Some(refused) = hub.count_refused_publish() {
        tracing::warn!(reason = %error, refused, "refused to publish");
    }
    error.into_response()
}

/// Reads a request's body, counted as one message.
async fn read(hub: &Hub, publisher: &Publisher, body: Incoming) -> Result<Bytes, ApiError> {
    admit(hub, publisher, 1)?;
    read_body(hub, body, MAX_PUBLISH_ALL_BYTES, "publish").await
}

/// Counts messages that are about to be published.
pub(super) fn admit(hub: &Hub, publisher: &Publisher, messages: usize) -> Result<(), ApiError> {
    let admitted = hub.admission().publish(publisher.index, messages);
    admitted.map_err(|refusal| ApiError::from(refusal).counted(hub, "publish", refusal.reason()))
}

async fn accept(hub: &Hub, publisher: &Publisher, body: &[u8]) -> Result<Response, ApiError> {
    let counted = |error: ApiError| error.counted(hub, "publish", "invalid");
    let Some(requests) = parse_all(body) else {
        if body.len() > MAX_PUBLISH_BYTES {
            return Err(too_large(hub, MAX_PUBLISH_BYTES, "publish"));
        }
        let request = PublishRequest::parse(body).map_err(ApiError::from);
        let request = request.map_err(counted)?;
        check_channel(hub, publisher, &request.channel)?;
        let prepared = prepare(hub, request);
        let accepted = one(hub, prepared.map_err(counted)?).await?;
        return Ok((StatusCode::ACCEPTED, Json(accepted)).into_response());
    };
    let invalid = |index: Option<usize>, detail| {
        let mut error = ApiError::bad_request(detail);
        error.index = index.and_then(|index| u16::try_from(index).ok());
        counted(error)
    };
    let requests = requests.map_err(|Refused { index, detail }| invalid(index, detail))?;
    for request in &requests {
        check_channel(hub, publisher, &request.channel)?;
    }
    admit(hub, publisher, requests.len().saturating_sub(1))?;
    let prepared = requests.into_iter().enumerate().map(|(index, request)| {
        let prepared = prepare(hub, request);
        prepared.map_err(|error| invalid(Some(index), error.into_detail()))
    });
    all(hub, prepared.collect::<Result<_, _>>()?).await
}

/// Checks what the protocol's crate does not know.
fn prepare(hub: &Hub, request: PublishRequest) -> Result<Prepared, ApiError> {
    let zone = request.schedule_expression_timezone.as_deref();
    let due = request
        .schedule_expression
        .as_deref()
        .map(|expression| schedule::due(expression, zone, SystemTime::now()))
        .transpose()
        .map_err(ApiError::bad_request)?;
    let response = PublishResponse {
        channel: request.channel.clone(),
        event: request.event.clone(),
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
    Ok(Prepared {
        message: NewMessage {
            channel: request.channel,
            event: request.event,
            data: request.data.unwrap_or_else(null),
            deduplication_id: request.deduplication_id,
            store,
            // Viewers get it at once, even if the disk is full.
            store_later: by_default,
        },
        due,
        response,
        eager: request.eager_id_generation,
    })
}

/// Publishes one message.
async fn one(hub: &Hub, prepared: Prepared) -> Result<PublishResponse, ApiError> {
    let Prepared {
        message,
        due,
        mut response,
        eager,
    } = prepared;
    match due {
        Some(at) => {
            let scheduled = hub.schedule(at, message).await;
            response.schedule_arn = Some(scheduled.map_err(|error| failed(hub, error))?);
        }
        None => {
            let published = hub.publish(message).await;
            let published = published.map_err(|error| failed(hub, error))?;
            response.id = eager.then(|| published.id.to_string());
        }
    }
    Ok(response)
}

/// Publishes several messages. If none could be published, that is an error.
async fn all(hub: &Hub, prepared: Vec<Prepared>) -> Result<Response, ApiError> {
    let now = prepared.iter().filter(|prepared| prepared.due.is_none());
    let now = now.map(|prepared| prepared.message.clone()).collect();
    let mut results = hub.publish_all(now).await.into_iter();
    let mut outcomes = Vec::with_capacity(prepared.len());
    let mut failures = Vec::new();
    for prepared in prepared {
        let outcome = if prepared.due.is_some() {
            one(hub, prepared).await
        } else {
            let result = results.next().unwrap_or(Err(EngineError::Closed));
            let Prepared {
                mut response,
                eager,
                ..
            } = prepared;
            let accepted = |Published { id, .. }| {
                response.id = eager.then(|| id.to_string());
                response
            };
            result.map(accepted).map_err(|error| failed(hub, error))
        };
        outcomes.push(match outcome {
            Ok(response) => Outcome::Accepted(response),
            Err(error) => {
                failures.push(error.clone());
                Outcome::Failed {
                    error: error.into_detail(),
                }
            }
        });
    }
    let status = match failures.len() {
        0 => StatusCode::ACCEPTED,
        failed if failed == outcomes.len() => return Err(failures.swap_remove(0)),
        _ => StatusCode::MULTI_STATUS,
    };
    let published = outcomes;
    Ok((status, Json(AllPublished { published })).into_response())
}

/// Counts a failure.
fn failed(hub: &Hub, error: EngineError) -> ApiError {
    let reason = match error {
        EngineError::Store(_) => "store_failed",
        EngineError::Busy(_) => "busy",
        EngineError::Closed => "stopping",
        EngineError::Unavailable(_) => "unavailable",
        EngineError::TimedOut => "timed_out",
    };
    not_published(error).counted(hub, "publish", reason)
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
