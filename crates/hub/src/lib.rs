//! The hub of Live Dashboard: it serves the page, issues viewer tokens, accepts
//! published messages and delivers them to the subscribed connections.
//!
//! The path of a message: [`http`] checks the API key and parses the body,
//! [`hub::Hub::publish`] passes the message to the [`engine`], which orders it and
//! emits it to the [`registry`]; that encodes it once and shares the bytes with the
//! [`outbox`] of each subscribed [`session`]. [`sources`] publish in the same way.
//! [`dashboards`] are what pages show; [`drawing`] draws them into the page's HTML.

mod assemble;
pub mod auth;
pub mod config;
pub mod dashboards;
pub mod drawing;
pub mod engine;
pub mod http;
pub mod hub;
pub mod key_sets;
mod listener;
mod log_throttle;
pub mod metrics;
pub mod origin;
pub mod outbox;
pub mod page;
pub mod proxy;
pub mod registry;
pub mod session;
pub mod sources;
#[cfg(test)]
mod test_log;
pub mod tls;

pub use assemble::{AssembleError, assemble, reload};

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::map_request;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::http::Audience;
use crate::hub::Hub;
use crate::listener::{Connections, Peer};

/// How long requests, and then connections, may take to finish.
const GRACE: Duration = Duration::from_secs(4);

/// Serves `hub` on `listener` until `shutdown` resolves, and what is for programs only on
/// `admin`, without TLS, if there is one. Then it accepts no more
/// requests, finishes the accepted ones, closes every connection with 1001 within
/// 8 seconds, and returns once the store has written what is queued.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    hub: Arc<Hub>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let closing = hub.closing().clone();
    let serve = |listener, audience, encrypted| {
        let router = http::router(Arc::clone(&hub), audience);
        let service = router.layer(map_request(listener::with_address));
        let connections = Connections::new(listener, Arc::clone(&hub), encrypted);
        axum::serve(
            connections,
            service.into_make_service_with_connect_info::<Peer>(),
        )
        .with_graceful_shutdown(closing.clone().cancelled_owned())
        .into_future()
    };
    let audience = match admin {
        Some(_) => Audience::Viewers,
        None => Audience::All,
    };
    let public = serve(listener, audience, true);
    let admin = admin.map(|listener| serve(listener, Audience::Programs, false));
    let admin = async {
        match admin {
            Some(serving) => serving.await,
            None => Ok(()),
        }
    };
    let serving = async { tokio::try_join!(public, admin).map(|_| ()) };
    let stopped = async {
        shutdown.await;
        closing.cancel();
        sleep(GRACE).await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = stopped => Ok(()),
        () = Arc::clone(&hub).run_sweeps() => Ok(()),
        () = Arc::clone(&hub).run_schedules() => Ok(()),
        () = Arc::clone(&hub).run_layout_updates() => Ok(()),
        () = Arc::clone(&hub).run_certificate_updates() => Ok(()),
        () = Arc::clone(&hub).run_key_updates() => Ok(()),
    };
    closing.cancel();
    hub.sessions().close();
    // Connections that do not close in time end with the process.
    let _ = timeout(GRACE, hub.sessions().wait()).await;
    hub.close().await;
    served
}
