//! The routes and their middleware.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::admit::admit;
use super::error::ApiError;
use super::{channels, connect, dashboards, headers, history, ops, page, publish, summary, token};
use crate::hub::Hub;

/// How long the hub may take to answer, in addition to the time of the request's body.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn router(hub: Arc<Hub>) -> Router {
    let admit = from_fn_with_state(Arc::clone(&hub), admit);
    let check_host = from_fn_with_state(Arc::clone(&hub), headers::check_host);
    let timeout = hub.limits().transfer_timeout + ANSWER_TIMEOUT;
    // Used by pages, also those of allowed origins.
    let for_pages = Router::new()
        .route("/live-dashboard", post(token::issue))
        .route("/dashboards", get(dashboards::list))
        .route("/v1", get(connect::connect))
        .route("/connection/listMessages", post(history::list))
        .route("/connection/summarizePoints", get(summary::summarize))
        // Inside the CORS layer, which answers preflight requests itself.
        .method_not_allowed_fallback(method_not_allowed)
        .layer(admit.clone())
        .layer(cors(&hub));
    let others = Router::new()
        .route("/publish", post(publish::publish))
        .route("/channels/{name}", get(channels::show))
        .route("/metrics", get(ops::metrics))
        .fallback(page::serve)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(admit.clone());
    // Load balancers use any name.
    let of_any_host = Router::new()
        .route("/healthz", get(ops::health))
        .route("/readyz", get(ops::ready))
        .layer(admit);
    for_pages
        .merge(others)
        .layer(check_host)
        .merge(of_any_host)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            timeout,
        ))
        .layer(from_fn_with_state(Arc::clone(&hub), headers::measure))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            headers::content_security_policy(&hub),
        ))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        // Unless the response has its own rule.
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .with_state(hub)
}

/// Sets a header of every response that does not have it.
fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "this path does not support this method",
    )
}

/// Lets only pages of allowed origins read the responses.
fn cors(hub: &Arc<Hub>) -> CorsLayer {
    let hub = Arc::clone(hub);
    let allowed = move |origin: &HeaderValue, _: &axum::http::request::Parts| {
        origin
            .to_str()
            .ok()
            .and_then(|origin| origin.parse().ok())
            .is_some_and(|origin| hub.origins().admits(&origin))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}
