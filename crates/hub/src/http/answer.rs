//! Answers of the client API: for an open connection, few at once, and counted until
//! they have been read.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::held::Held;
use crate::admission::{Counted, Refusal};
use crate::hub::{HistoryError, Hub};

/// The connection. The protocol puts the secret into the query: never log it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameters {
    pub(super) connection_id: String,
    connection_secret: String,
}

/// Checks the secret of an open connection, and that it has not left too many answers
/// unread.
pub(super) async fn permit(
    hub: &Hub,
    connection: &Parameters,
) -> Result<Counted<String>, ApiError> {
    hub.check_secret(&connection.connection_id, &connection.connection_secret)
        .await
        .map_err(|error| refused(hub, error))?;
    let permit = hub.admission().answer(&connection.connection_id);
    permit.map_err(|refusal| later(hub, refusal))
}

/// The answer to a connection with a permit.
pub(super) fn respond(
    hub: &Hub,
    permit: Counted<String>,
    answer: &impl Serialize,
) -> Result<Response, ApiError> {
    let answer = serde_json::to_vec(answer).expect("the protocol's own types are JSON");
    let answer = hub.waiting().answer(answer);
    let answer = answer.ok_or_else(|| later(hub, Refusal::Waiting))?;
    let body = Body::new(Held::new(answer.into(), permit));
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Why a connection gets no answer.
pub(super) fn refused(hub: &Hub, error: HistoryError) -> ApiError {
    let message = error.to_string();
    let (status, code, reason) = match error {
        HistoryError::NoConnection => (StatusCode::UNAUTHORIZED, "NO_CONNECTION", "no_connection"),
        HistoryError::NotSubscribed => (StatusCode::FORBIDDEN, "NOT_SUBSCRIBED", "not_subscribed"),
        HistoryError::Engine(error) => return error.into(),
    };
    ApiError::new(status, code, message).counted(hub, "history", reason)
}

fn later(hub: &Hub, refusal: Refusal) -> ApiError {
    ApiError::from(refusal).counted(hub, "history", refusal.reason())
}
