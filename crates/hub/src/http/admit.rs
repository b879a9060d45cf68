//! Before every request: whether its client must come back later. Operators need not.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::presented_key;
use super::client::Client;
use super::error::ApiError;
use crate::admission::Refusal;
use crate::hub::Hub;
use crate::server::Peer;

/// What operators ask for without a key, also if there is no room for others.
const FOR_OPERATORS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Refuses requests of clients that are over a limit. Requests with an API key are
/// never refused.
pub(crate) async fn admit(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let client = Client::of(&hub, request.extensions(), request.headers());
    let known = hub.publisher(presented_key(request.headers())).is_some();
    let beyond = client.peer.as_ref().and_then(Peer::refusal);
    let for_operators = FOR_OPERATORS.contains(&request.uri().path());
    let refusal = match beyond {
        _ if known => None,
        Some(refusal) if !for_operators => Some(refusal),
        _ => hub.admission().request(client.address).err(),
    };
    let Some(refusal) = refusal else {
        return next.run(request).await;
    };
    hub.over_limit("connection", refusal.reason(), client.address);
    let mut response = ApiError::from(refusal).into_response();
    if beyond.is_some() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::Connections | Refusal::Waiting => (StatusCode::SERVICE_UNAVAILABLE, "NO_ROOM"),
            _ => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"),
        };
        let message = format!("{refusal}: try again later");
        Self::new(status, code, message).retry_after(refusal.retry_after())
    }
}
