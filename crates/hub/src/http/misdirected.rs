//! On the address for viewers, if programs have another: tells the operator about requests
//! that belong there. Who sends them gets 404, as for any path that does not exist.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::log_throttle::LogThrottle;

/// How the paths for programs begin.
const FOR_PROGRAMS: [&str; 8] = [
    "publish",
    "push",
    "hooks",
    "schedules",
    "channels",
    "metrics",
    "healthz",
    "readyz",
];

pub(crate) async fn log(
    State(throttle): State<Arc<Mutex<LogThrottle>>>,
    request: Request,
    next: Next,
) -> Response {
    let first = request.uri().path().split('/').nth(1);
    if let Some(path) = FOR_PROGRAMS.iter().find(|path| Some(**path) == first) {
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(requests) = throttle.count(1) {
            tracing::warn!(
                path,
                requests,
                "answered 404: this path is only on the address of --admin-listen"
            );
        }
    }
    next.run(request).await
}
