//! One connection: requests and answers by HTTP/1.1, each in time, until it ends or
//! becomes a WebSocket.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Instant;

use axum::http::{Request, Response};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use prometheus_client::metrics::counter::Counter;
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout};

use super::repoll::Repoll;
use super::stream::Stream;
use crate::admission::{Admitted, Refusal};
use crate::http::{Held, Service};
use crate::hub::Hub;
use crate::limits::Limits;
use crate::rate::Bucket;
use crate::tls::Tls;

/// The most bytes of a body, or of answers, that wait in a connection, if the head of a
/// request may not have more.
const BUFFER: usize = 64 * 1024;

/// How many times as long as [`Limits::transfer_timeout`] an answer may take of which the
/// client reads a little again and again.
const SLOW_ANSWER: u32 = 10;

/// The other end of a connection, and what the connection is doing. An extension of each
/// of its requests.
#[derive(Clone)]
pub(crate) struct Peer(Arc<Shared>);

struct Shared {
    address: SocketAddr,
    admitted: Admitted,
    /// As of when the connection began.
    limits: Arc<Limits>,
    /// Counts how often a WebSocket was not read on.
    delayed: Counter,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    /// Since when the client has read nothing of what waits for it.
    unread: Option<Instant>,
    /// How much more may be read from a WebSocket.
    input: Option<Bucket>,
}

/// What the hub waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// For the first byte of a connection that was accepted then. Browsers connect ahead, and
    /// may not need the connection.
    Unused(Instant),
    /// For the rest of a request's head that began then.
    Head(Instant),
    /// For its own answer to a request that was complete then, and until the client has read
    /// nearly all of it.
    Answer(Instant),
    /// For another request, since then.
    Idle(Instant),
    /// The connection is a WebSocket's, whose session has its own rules.
    WebSocket,
}

/// Why a connection was ended, as the label in the metrics; `None` if that is usual.
type Reason = Option<&'static str>;

impl Peer {
    pub(crate) fn new(
        address: SocketAddr,
        admitted: Admitted,
        limits: Arc<Limits>,
        delayed: Counter,
    ) -> Self {
        Self(Arc::new(Shared {
            address,
            admitted,
            limits,
            delayed,
            state: Mutex::new(State {
                phase: Phase::Unused(Instant::now()),
                unread: None,
                input: None,
            }),
        }))
    }

    /// The other end's address and port.
    pub(crate) fn socket(&self) -> SocketAddr {
        self.0.address
    }

    /// Its address, which may be that of a proxy.
    pub(crate) fn address(&self) -> IpAddr {
        self.0.address.ip()
    }

    /// Why the connection is only for operators, if it is.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.0.admitted.refusal
    }

    /// The connection becomes a WebSocket, of which no more than the limit is read.
    pub(crate) fn becomes_websocket(&self) {
        let mut state = self.state();
        state.phase = Phase::WebSocket;
        let rate = self.0.limits.bytes_per_viewer;
        state.input = rate.map(|rate| Bucket::new(rate, Instant::now()));
    }

    /// Bytes were read. Returns until when not to read on.
    pub(super) fn read(&self, bytes: usize) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.state();
        match state.phase {
            Phase::Unused(since) => state.phase = Phase::Head(since),
            Phase::Idle(_) => state.phase = Phase::Head(now),
            _ => {}
        }
        let wait = state.input.as_mut()?.owe(bytes, now);
        if wait.is_zero() {
            return None;
        }
        self.0.delayed.inc();
        Some(now + wait)
    }

    /// Some of an answer was written, or the client has not read enough for that.
    pub(super) fn wrote(&self, progress: bool) {
        let mut state = self.state();
        match progress {
            true => state.unread = None,
            false => {
                state.unread.get_or_insert_with(Instant::now);
            }
        }
    }

    /// Notes that a request is complete. It is answered once the result is dropped.
    fn begin(&self) -> Answering {
        self.state().phase = Phase::Answer(Instant::now());
        self.0.admitted.slot.busy();
        Answering(self.clone())
    }

    /// When the connection has taken too long, and for what.
    fn deadline(&self) -> Option<(Instant, Reason)> {
        let limits = &self.0.limits;
        let state = self.state();
        let by_phase = match state.phase {
            Phase::Unused(since) => Some((since + limits.head_timeout, None)),
            Phase::Head(since) => Some((since + limits.head_timeout, Some("head_timeout"))),
            Phase::Idle(since) => Some((since + limits.idle_timeout, None)),
            Phase::Answer(since) => {
                let time = limits.transfer_timeout.saturating_mul(SLOW_ANSWER);
                since
                    .checked_add(time)
                    .map(|at| (at, Some("answer_unread")))
            }
            Phase::WebSocket => None,
        };
        let unread = state
            .unread
            .map(|since| (since + limits.transfer_timeout, Some("answer_unread")));
        by_phase.into_iter().chain(unread).min()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
struct Answering(Peer);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.0.state();
        // A WebSocket is never idle.
        if matches!(state.phase, Phase::Answer(_)) {
            state.phase = Phase::Idle(Instant::now());
            drop(state);
            self.0.0.admitted.slot.silent();
        }
    }
}

/// Serves a connection until it ends or becomes a WebSocket.
pub(super) async fn run(socket: TcpStream, tls: bool, peer: Peer, hub: Arc<Hub>, service: Service) {
    let limits = Arc::clone(&peer.0.limits);
    let tls = hub.tls().filter(|_| tls);
    let handshake = tokio::select! {
        () = peer.0.admitted.slot.cut().cancelled() => return,
        handshake = timeout(limits.head_timeout, Tls::accept(tls, socket)) => handshake,
    };
    let socket = match handshake {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => return hub.over_limit("connection", "head_timeout", peer.address()),
    };
    let service = service_fn(|request| answer(&service, request, &peer));
    let mut connection = pin!(
        http1::Builder::new()
            // The deadlines below are finer.
            .header_read_timeout(None)
            .max_header_size(limits.head_bytes)
            .max_buf_size(limits.head_bytes.max(BUFFER))
            .serve_connection(TokioIo::new(Stream::new(socket, peer.clone())), service)
            .with_upgrades()
    );
    let mut closing = pin!(hub.closing().cancelled().fuse());
    let mut cut = pin!(peer.0.admitted.slot.cut().cancelled());
    let mut late = pin!(sleep_until(Instant::now().into()));
    let mut repoll = Repoll::default();
    let ended = poll_fn(|cx| {
        if closing.as_mut().poll(cx).is_ready() {
            connection.as_mut().graceful_shutdown();
        }
        if cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some("silent"));
        }
        if let Poll::Ready(ended) = repoll.poll(connection.as_mut(), cx) {
            let too_large = ended.is_err_and(|error| error.is_parse_too_large());
            return Poll::Ready(too_large.then_some("head_too_large"));
        }
        let Some((deadline, reason)) = peer.deadline() else {
            return Poll::Pending;
        };
        if late.deadline() != deadline.into() {
            late.as_mut().reset(deadline.into());
        }
        late.as_mut().poll(cx).map(|()| reason)
    });
    // Connections that are cut because the hub stops were not refused.
    if let Some(reason) = ended.await
        && !hub.closing().is_cancelled()
    {
        hub.over_limit("connection", reason, peer.address());
    }
}

/// The service's answer to a request of `peer`.
async fn answer(
    service: &Service,
    request: Request<Incoming>,
    peer: &Peer,
) -> Result<Response<Held<Answering>>, Infallible> {
    let answering = peer.begin();
    let response = service.answer(request, peer).await?;
    Ok(response.map(|body| Held::new(body, answering)))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::admission::Admission;

    #[test]
    fn each_phase_has_its_time() {
        let limits = Limits::default();
        let admission = Admission::new(limits.clone());
        let address = Ipv4Addr::LOCALHOST;
        let admitted = admission.connection(address.into(), false, &CancellationToken::new());
        let peer = Peer::new(
            (address, 1).into(),
            admitted.expect("room"),
            Arc::new(limits),
            Counter::default(),
        );
        let assert_time = |seconds, reason| {
            let (deadline, of) = peer.deadline().expect("a deadline");
            let left = deadline - Instant::now();
            let most = Duration::from_secs(seconds);
            assert!(left <= most && left > most / 2, "{left:?} of {most:?}");
            assert_eq!(of, reason);
        };
        assert_time(10, None);
        peer.read(100);
        assert_time(10, Some("head_timeout"));
        let answering = peer.begin();
        assert_time(300, Some("answer_unread"));
        peer.wrote(false);
        assert_time(30, Some("answer_unread"));
        peer.wrote(true);
        assert_time(300, Some("answer_unread"));
        drop(answering);
        assert_time(75, None);
        peer.read(1);
        assert_time(10, Some("head_timeout"));
        let answering = peer.begin();
        peer.becomes_websocket();
        drop(answering);
        assert_eq!(peer.deadline(), None);
    }
}
