//! `GET /schedules` and `DELETE /schedules/{name}`: messages that are to be published
//! later.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use super::access::check_api_key;
use super::error::ApiError;
use crate::hub::Hub;

/// The most schedules of an answer.
const MAX_SCHEDULES: usize = 1000;

#[derive(Serialize)]
pub(crate) struct List {
    schedules: Vec<Schedule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    schedule_arn: String,
    channel: String,
    event: String,
    /// When it is due, in UTC.
    at: String,
}

/// The schedules that are due first, at most 1,000.
pub(crate) async fn list(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
) -> Result<Json<List>, ApiError> {
    check_api_key(&hub, &headers)?;
    let schedules = hub.schedules(MAX_SCHEDULES).await?;
    let schedules = schedules.into_iter().map(|schedule| Schedule {
        schedule_arn: schedule.name,
        channel: schedule.channel.to_string(),
        event: schedule.event.to_string(),
        at: text(schedule.at),
    });
    Ok(Json(List {
        schedules: schedules.collect(),
    }))
}

pub(crate) async fn delete(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    check_api_key(&hub, &headers)?;
    if hub.unschedule(&name).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let message = "there is no such schedule: it has been published or deleted";
    Err(ApiError::new(
        StatusCode::NOT_FOUND,
        "UNKNOWN_SCHEDULE",
        message,
    ))
}

/// A time as RFC 3339.
fn text(at: SystemTime) -> String {
    Timestamp::try_from(at)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}
