//! `kind = "statsd"`: receives what StatsD clients send, by UDP and TCP on one address.
//!
//! - `line`: one line of the protocol.
//! - `aggregate`: the values since the previous reading.

mod aggregate;
mod line;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::collector::{Collector, Problem};
use super::reading::Reading;
use crate::metrics::{Metrics, StatsdLine};
use aggregate::{Aggregate, Wanted};
use line::Line;

/// Where StatsD listens by default.
pub(super) const DEFAULT_LISTEN: &str = "127.0.0.1:8125";
/// The most bytes of a line sent by TCP.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// The most connections at once; further ones wait.
const MAX_CONNECTIONS: usize = 64;
/// A connection without a line ends after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// The most bytes of a datagram.
const MAX_DATAGRAM_BYTES: usize = 64 * 1024;
/// How often, and after how long, an address is tried again that another source has just
/// left.
const BIND_RETRIES: usize = 10;
const BIND_RETRY: Duration = Duration::from_millis(100);

/// Receives until it is dropped.
pub(super) struct Statsd {
    wanted: Vec<(String, Wanted)>,
    inbox: Arc<Inbox>,
    since: Instant,
    _receiving: JoinSet<()>,
}

/// What has been received.
struct Inbox {
    dashboard: String,
    metrics: Arc<Metrics>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    values: Aggregate,
    invalid: u64,
    /// Why the first invalid line is.
    reason: String,
}

impl Statsd {
    /// Listens on `address`.
    ///
    /// # Errors
    /// It cannot.
    pub(super) async fn bind(
        address: &str,
        wanted: Vec<(String, String)>,
        dashboard: &str,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Problem> {
        let parsed: SocketAddr = address.parse().map_err(|_| {
            Problem("`listen` must be an IP address and a port, such as `127.0.0.1:8125`".into())
        })?;
        let (udp, tcp) = bind(parsed)
            .await
            .map_err(|error| Problem(format!("cannot listen on {parsed}: {error}")))?;
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|(key, name)| (key, Wanted::of(&name)))
            .collect();
        let values = Aggregate::of(wanted.iter().map(|(_, wanted)| wanted));
        let inbox = Arc::new(Inbox {
            dashboard: dashboard.to_owned(),
            metrics,
            state: Mutex::new(State {
                values,
                ..State::default()
            }),
        });
        let mut receiving = JoinSet::new();
        receiving.spawn(receive(udp, Arc::clone(&inbox)));
        receiving.spawn(accept(tcp, Arc::clone(&inbox)));
        Ok(Self {
            wanted,
            inbox,
            since: Instant::now(),
            _receiving: receiving,
        })
    }
}

#[async_trait]
impl Collector for Statsd {
    async fn collect(&mut self, reading: &mut Reading) -> Result<(), Problem> {
        let now = Instant::now();
        let seconds = (now - self.since).as_secs_f64();
        self.since = now;
        let mut state = self.inbox.state();
        for (key, wanted) in &self.wanted {
            if let Some(value) = state.values.value(wanted, seconds) {
                reading.number(key.as_str(), value);
            }
        }
        state.values.begin();
        match std::mem::take(&mut state.invalid) {
            0 => Ok(()),
            1 => Err(Problem(format!("a line is not valid: {}", state.reason))),
            lines => Err(Problem(format!(
                "{lines} lines are not valid; the first one: {}",
                state.reason
            ))),
        }
    }
}

impl Inbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes lines.
    fn take(&self, bytes: &[u8]) {
        let mut state = self.state();
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.map(<[u8]>::trim_ascii);
        for line in lines.filter(|line| !line.is_empty()) {
            let result = match Line::parse(line) {
                Ok(line) => {
                    if line.tagged {
                        self.metrics.statsd_tagged.inc();
                    }
                    match state.values.add(&line) {
                        true => "used",
                        false => "unused",
                    }
                }
                Err(reason) => {
                    if state.invalid == 0 {
                        state.reason = reason;
                    }
                    state.invalid += 1;
                    "invalid"
                }
            };
            let labels = StatsdLine {
                dashboard: self.dashboard.clone(),
                result,
            };
            self.metrics.statsd_lines.get_or_create(&labels).inc();
        }
    }
}

/// Binds both sockets.
async fn bind(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        let sockets = async {
            Ok((
                UdpSocket::bind(address).await?,
                TcpListener::bind(address).await?,
            ))
        };
        match sockets.await {
            Err(error) if is_in_use(&error) && tries < BIND_RETRIES => {
                tries += 1;
                sleep(BIND_RETRY).await;
            }
            bound => return bound,
        }
    }
}

fn is_in_use(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}

/// Receives datagrams until it is dropped.
async fn receive(socket: UdpSocket, inbox: Arc<Inbox>) {
    let mut buffer = vec![0; MAX_DATAGRAM_BYTES];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => inbox.take(&buffer[..length]),
            Err(error) => {
                tracing::debug!(%error, "cannot receive from StatsD clients");
                sleep(BIND_RETRY).await;
            }
        }
    }
}

/// Accepts connections until it is dropped.
async fn accept(listener: TcpListener, inbox: Arc<Inbox>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((socket, _)) => {
                let inbox = Arc::clone(&inbox);
                connections.spawn(async move {
                    let _place = place;
                    read(socket, &inbox).await;
                });
            }
            Err(error) => {
                tracing::debug!(%error, "cannot accept StatsD clients");
                sleep(BIND_RETRY).await;
            }
        }
    }
}

/// Reads lines until the connection ends, or a line is too long.
async fn read(socket: TcpStream, inbox: &Inbox) {
    let mut socket = BufReader::new(socket);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = (&mut socket).take(MAX_LINE_BYTES as u64 + 1);
        let read = limited.read_until(b'\n', &mut line);
        match tokio::time::timeout(IDLE_TIMEOUT, read).await {
            Ok(Ok(1..)) => inbox.take(&line[..line.len().min(MAX_LINE_BYTES + 1)]),
            _ => return,
        }
        if line.len() > MAX_LINE_BYTES {
            return;
        }
    }
}
