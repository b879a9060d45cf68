//! The routes and their middleware.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::handler::Handler;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::admit::admit;
use super::error::ApiError;
use super::proxied::{ProxyCheck, check_proxy};
use super::{
    channels, connect, dashboards, headers, history, ops, page, publish, schedules, summary, token,
};
use crate::hub::Hub;

/// How long the hub may take to answer, in addition to the time of the request's body.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Whom a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Viewers and programs.
    All,
    /// Only viewers and their pages.
    Viewers,
    /// Only programs: publishers and monitoring.
    Programs,
}

/// The routes for `audience`.
pub(crate) fn router(hub: Arc<Hub>, audience: Audience) -> Router {
    let routes = match audience {
        Audience::All => for_viewers(&hub).merge(for_programs(&hub)),
        Audience::Viewers => for_viewers(&hub),
        Audience::Programs => for_programs(&hub).fallback(async || ApiError::not_found()),
    };
    let timeout = hub.limits().transfer_timeout + ANSWER_TIMEOUT;
    routes
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            timeout,
        ))
        .layer(from_fn_with_state(Arc::clone(&hub), headers::measure))
        // Unless the response has its own rule.
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .with_state(hub)
}

/// The page, and what it uses. Only by the hub's own names.
fn for_viewers(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    let admit = from_fn_with_state(Arc::clone(hub), admit);
    let of = Arc::clone(hub);
    let policy = move |_: &Response| Some(headers::content_security_policy(&of));
    // Used by pages, also those of allowed origins.
    Router::new()
        .route("/live-dashboard", post(token::issue))
        .route("/dashboards", get(dashboards::list))
        .route("/v1", get(connect::connect))
        .route("/connection/listMessages", post(history::list))
        .route("/connection/summarizePoints", get(summary::summarize))
        // Inside the CORS layer, which answers preflight requests itself.
        .method_not_allowed_fallback(method_not_allowed)
        .layer(admit.clone())
        .layer(cors(hub))
        .fallback(page::serve.layer(admit))
        .layer(from_fn_with_state(ProxyCheck::new(hub), check_proxy))
        .layer(from_fn_with_state(Arc::clone(hub), headers::check_host))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            policy,
        ))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
}

/// What programs use, by any name of the hub: without the check of `Host`. A page under a
/// rebound name has no API key, and learns only numbers here.
fn for_programs(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route(publish::PATH, post(publish::publish))
        .route("/channels/{name}", get(channels::show))
        .route("/schedules", get(schedules::list))
        // Names contain a slash.
        .route("/schedules/{*name}", delete(schedules::delete))
        .route("/metrics", get(ops::metrics))
        .route("/healthz", get(ops::health))
        .route("/readyz", get(ops::ready))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(hub), admit))
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
            .is_some_and(|origin| hub.access().origins.admits(&origin))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}
