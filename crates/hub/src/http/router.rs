//! The routes and their middleware.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use super::admit::admit;
use super::error::ApiError;
use super::proxied::{ProxyCheck, check_proxy};
use super::{
    channels, connect, dashboards, headers, history, hooks, misdirected, ops, page, publish, push,
    schedules, summary, token,
};
use crate::hub::Hub;
use crate::log_throttle::LogThrottle;

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
        Audience::Viewers => {
            let throttle = Arc::<Mutex<LogThrottle>>::default();
            for_viewers(&hub).layer(from_fn_with_state(throttle, misdirected::log))
        }
        Audience::Programs => for_programs(&hub).fallback(async || ApiError::not_found()),
    };
    routes
        .layer(from_fn_with_state(Arc::clone(&hub), in_time))
        .layer(from_fn_with_state(Arc::clone(&hub), headers::measure))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Unless the response has its own rule.
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .with_state(hub)
}

/// The page, and what it uses. Only by the hub's own names.
fn for_viewers(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    let admit = from_fn_with_state(Arc::clone(hub), admit);
    let of = Arc::clone(hub);
    let policy = move |_: &Response| Some(headers::content_security_policy(&of));
    let routes = Router::new();
    #[cfg(feature = "echo")]
    let routes = routes.route("/echo", get(super::echo::echo));
    // Used by pages, also those of allowed origins.
    routes
        .route("/live-dashboard", post(token::issue))
        .route("/dashboards", get(dashboards::list))
        .route("/v1", get(connect::connect))
        .route("/connection/listMessages", post(history::list))
        .route("/connection/summarizePoints", get(summary::summarize))
        // It finds out by CORS whether its page is of an allowed origin.
        .route("/embed.js", get(page::serve))
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
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
}

/// What programs use, by any name of the hub: without the check of `Host`. A page under a
/// rebound name has no API key, and learns only numbers here.
fn for_programs(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route(publish::PATH, post(publish::publish))
        .route("/push/{name}", post(push::push))
        .route("/hooks/alertmanager", post(hooks::alertmanager))
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

/// Answers with 408 instead if the answer takes too long.
async fn in_time(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let time = hub.limits().transfer_timeout + ANSWER_TIMEOUT;
    let answered = tokio::time::timeout(time, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
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
