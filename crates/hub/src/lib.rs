//! The hub of Live Dashboard: it serves the page, mints viewer tokens, takes
//! published messages and fans them out to the connections that may see them.
//!
//! A message's way through: [`http`] checks the key and parses it,
//! [`hub::Hub::publish`] hands it to the [`engine`], which orders it and emits
//! it to the [`registry`]; that encodes it once and shares the bytes with the
//! [`outbox`] of each [`session`] that is subscribed. [`sources`] publish by
//! themselves, the same way; [`dashboards`] says what pages show of it.

mod assemble;
pub mod auth;
pub mod config;
pub mod dashboards;
pub mod engine;
pub mod http;
pub mod hub;
pub mod metrics;
pub mod outbox;
pub mod registry;
pub mod session;
pub mod sources;

pub use assemble::{AssembleError, assemble};

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::hub::Hub;

/// How long requests, and then connections, may take to end.
const GRACE: Duration = Duration::from_secs(4);

/// What the system may hold for a connection that reads slowly, in bytes, beside
/// its outbox. Left to itself Linux would hold up to 4 MiB.
const SEND_BUFFER: usize = 256 * 1024;

/// Serves `hub` on `listener` until `shutdown` resolves. Then it accepts
/// nothing more, finishes the requests that it has accepted, closes every
/// connection with 1001, and returns after 8 seconds at the latest.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    hub: Arc<Hub>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let listener = listener.tap_io(|socket| {
        // Small frames must not wait for each other; where this fails, they do.
        let _ = socket.set_nodelay(true);
        // Who does not read is to be noticed; where this fails, later.
        let _ = SockRef::from(&*socket).set_send_buffer_size(SEND_BUFFER);
    });
    let closing = hub.closing.clone();
    let serving = axum::serve(listener, http::router(Arc::clone(&hub)))
        .with_graceful_shutdown(closing.clone().cancelled_owned())
        .into_future();
    let patience = async {
        shutdown.await;
        closing.cancel();
        sleep(GRACE).await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = patience => Ok(()),
        () = Arc::clone(&hub).keep_swept() => Ok(()),
        () = Arc::clone(&hub).keep_schedules() => Ok(()),
        () = Arc::clone(&hub).keep_layouts() => Ok(()),
    };
    closing.cancel();
    hub.sessions.close();
    // Connections that do not end in time end with the process.
    let _ = timeout(GRACE, hub.sessions.wait()).await;
    hub.close().await;
    served
}
