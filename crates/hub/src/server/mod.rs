//! Accepts connections and serves each until the hub stops.
//!
//! - [`connection`]: one connection, and how long it may take for what.
//! - [`repoll`]: it wakes no other thread.
//! - [`stream`]: its socket, which notices when nothing is read.

mod connection;
mod repoll;
mod stream;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::http::{Audience, Service};
use crate::hub::Hub;
use crate::log_throttle::LogThrottle;
use crate::{alerting, notify, sources};

pub(crate) use connection::Peer;
pub(crate) use stream::Stream;

/// How long requests, and then connections, may take to finish.
const GRACE: Duration = Duration::from_secs(4);

/// How long to wait after a connection could not be accepted: until one of the others
/// may have ended.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How long to wait for connections that are being closed to make room for others.
const CLOSING: Duration = Duration::from_millis(1);

/// The system's send buffer of a connection, in bytes. Linux's default is up to
/// 4 MiB for a slow reader, in addition to its outbox.
const SEND_BUFFER: usize = 256 * 1024;

/// Serves `hub` on `listener` until `shutdown` resolves, and what is for programs only on
/// `admin`, without TLS, if there is one. Then it accepts no more requests, finishes the accepted ones, closes every connection with 1001 within
/// 8 seconds, and returns once the store has written what is queued.
pub async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    hub: Arc<Hub>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let closing = hub.closing().clone();
    // Ends the connections that are left when this function returns.
    let cut = CancellationToken::new();
    let _cut = cut.clone().drop_guard();
    let audience = match admin {
        Some(_) => Audience::Viewers,
        None => Audience::All,
    };
    // Goes on until what is being sent is finished.
    let notifying = AbortOnDropHandle::new(tokio::spawn(notify::run(Arc::clone(&hub))));
    let serving = async {
        let connections = TaskTracker::new();
        let accept = |listener, audience| accept(listener, audience, &hub, &connections, &cut);
        let programs = async {
            if let Some(admin) = admin {
                accept(admin, Audience::Programs).await;
            }
        };
        tokio::join!(accept(listener, audience), programs);
        connections.close();
        connections.wait().await;
    };
    let stopped = async {
        shutdown.await;
        closing.cancel();
        sleep(GRACE).await;
    };
    tokio::select! {
        () = serving => {}
        () = stopped => {}
        () = Arc::clone(&hub).run_pacing() => {}
        () = Arc::clone(&hub).run_sweeps() => {}
        () = Arc::clone(&hub).run_schedules() => {}
        () = Arc::clone(&hub).run_comparisons() => {}
        () = Arc::clone(&hub).run_interruptions() => {}
        () = Arc::clone(&hub).run_layout_updates() => {}
        () = sources::run_declared(Arc::clone(&hub)) => {}
        () = alerting::run(Arc::clone(&hub)) => {}
        () = Arc::clone(&hub).run_certificate_updates() => {}
        () = Arc::clone(&hub).run_key_updates() => {}
    }
    closing.cancel();
    hub.sessions().close();
    // Connections that do not close in time end with the process, notifications are repeated.
    let finished = async { tokio::join!(hub.sessions().wait(), notifying) };
    let _ = timeout(GRACE, finished).await;
    hub.close().await;
}

/// Accepts connections until the hub begins to stop.
async fn accept(
    listener: TcpListener,
    audience: Audience,
    hub: &Arc<Hub>,
    connections: &TaskTracker,
    cut: &CancellationToken,
) {
    let service = Service::new(Arc::clone(hub), audience);
    let mut failed = LogThrottle::default();
    loop {
        while hub.admission().is_crowded() {
            sleep(CLOSING).await;
        }
        let accepted = tokio::select! {
            () = hub.closing().cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (socket, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                hub.metrics().accept_errors.inc();
                if let Some(errors) = failed.count(1) {
                    tracing::error!(%error, errors, "cannot accept connections");
                }
                if is_of_client(&error) {
                    continue;
                }
                let wait = match hub.admission().cut_silent() {
                    true => CLOSING,
                    false => ACCEPT_RETRY,
                };
                sleep(wait).await;
                continue;
            }
        };
        // Without a place for it, not even for operators, it is closed unanswered.
        let ip = address.ip();
        let proxy = hub.access().trusted_proxies.contain(ip);
        let Some(admitted) = hub.admission().connection(ip, proxy, cut) else {
            hub.over_limit("connection", "connections", ip);
            continue;
        };
        set_options(&socket);
        let peer = Peer::new(
            address,
            admitted,
            hub.limits(),
            hub.metrics().reads_delayed.clone(),
        );
        let tls = audience != Audience::Programs;
        let (hub, service) = (Arc::clone(hub), service.clone());
        connections.spawn(connection::run(socket, tls, peer, hub, service));
    }
}

/// Whether the connection failed before it was accepted, and others may succeed.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

fn set_options(socket: &TcpStream) {
    // If this fails, small frames are delayed.
    let _ = socket.set_nodelay(true);
    // If this fails, slow readers are noticed later.
    let _ = SockRef::from(socket).set_send_buffer_size(SEND_BUFFER);
}
