//! One WebSocket connection: executes the client's commands, and sends what its
//! bounded outbox contains.

mod commands;
mod input;

use std::sync::Arc;
use std::time::Duration;

use hyper::upgrade::Upgraded;
use live_dashboard_protocol::frame::event;
use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::auth::Claims;
use crate::hub::Hub;
use crate::outbox::{Drain, Ended, Outbox, outbox};
use crate::rate::Bucket;
use commands::{Commands, empty_frame};
use input::Input;

/// The longest frame that a client may send, in bytes.
pub const MAX_FRAME_BYTES: usize = 128 * 1024;
/// A frame that is too long is read up to this length before the connection is
/// closed: unread bytes would reset it, and the client would not get the close code.
pub const MAX_READ_BYTES: usize = 4 * MAX_FRAME_BYTES;

/// The interval of `hotsock.keepAlive` frames.
const KEEP_ALIVE: Duration = Duration::from_secs(570);
/// The interval of WebSocket pings, which every client answers by itself.
const PING: Duration = Duration::from_secs(30);
/// A connection that sends nothing for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// How long the closing handshake may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than any connection lasts.
const FOREVER: Duration = Duration::from_secs(86_400 * 365 * 30);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client closed it, or the network did.
    Gone,
    /// The client sent nothing in time.
    Idle,
    /// A frame was too long.
    TooLong,
    /// Its outbox was full.
    Slow,
    /// The node has missed a message.
    Gap,
    /// It reached its lifetime.
    Expired,
    /// Its token does not count any more.
    Withdrawn,
    /// The hub is stopping.
    Closing,
}

impl End {
    /// The close code and reason for the client. 1013 asks it to come back.
    fn close_frame(self) -> Option<CloseFrame> {
        let too_long = format!("frames may have at most {MAX_FRAME_BYTES} bytes");
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Idle => (CloseCode::Away, "no heartbeat"),
            Self::TooLong => (CloseCode::Size, &*too_long),
            Self::Slow => (CloseCode::Again, "too slow: reconnect"),
            Self::Gap => (CloseCode::Again, "messages were missed: reconnect"),
            Self::Expired => (CloseCode::Away, "connection lifetime reached: reconnect"),
            Self::Withdrawn => (
                CloseCode::Policy,
                "permission has been withdrawn: reconnect with another token",
            ),
            Self::Closing => (CloseCode::Away, "the hub is stopping"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }

    /// Whether to send the rest of the outbox first.
    fn flushes_outbox(self) -> bool {
        matches!(self, Self::Expired | Self::Closing)
    }
}

impl From<Ended> for End {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Full => Self::Slow,
            Ended::Gap => Self::Gap,
            Ended::Gone | Ended::Written => Self::Gone,
        }
    }
}

/// Serves an authorized connection until it ends.
pub async fn run(upgraded: Upgraded, hub: Arc<Hub>, claims: Arc<Claims>) {
    let Some((mut input, writer)) = Input::new(upgraded, MAX_READ_BYTES) else {
        return;
    };
    let (outbox, mut drain) = outbox(Arc::clone(hub.outbox_rules()), writer);
    let keep_alive = claims.keep_alive;
    let heartbeat = claims.heartbeat_timeout.map(Duration::from_secs);
    let lifetime = hub.connection_rules().lifetime;
    let expires = Instant::now() + lifetime.unwrap_or(FOREVER).min(FOREVER);

    let open = hub.metrics().connection();
    let mut commands = Commands::new(Arc::clone(&hub), Arc::clone(&claims), outbox.clone());
    // What is done once is boxed: idle connections do not keep its memory.
    Box::pin(commands.greet()).await;

    let end = {
        let frames = hub.limits().frames_per_viewer;
        let delayed = &hub.metrics().reads_delayed;
        tokio::select! {
            end = read(&mut input, &outbox, &mut commands, heartbeat, frames, delayed) => end,
            ended = drain.run() => ended.into(),
            () = keep_up(&outbox, keep_alive, expires) => End::Expired,
            () = hub.withdrawal(&claims) => End::Withdrawn,
            () = hub.closing().cancelled() => End::Closing,
        }
    };

    if end.flushes_outbox() {
        let delivered = commands.deliver_pending();
        let _ = Box::pin(timeout(CLOSE_TIMEOUT, delivered)).await;
    }
    Box::pin(commands.leave()).await;
    drop(open);
    if end == End::Slow {
        hub.metrics().closed_as_slow.inc();
    }
    tracing::debug!(connection = commands.connection(), ?end, "connection ended");
    // A client that does not answer in time is cut off.
    let closed = close(&mut input, &outbox, &mut drain, end);
    let _ = Box::pin(timeout(CLOSE_TIMEOUT, closed)).await;
}

/// The longest message that [`echo`] returns, in bytes.
#[cfg(feature = "echo")]
const MAX_ECHO_BYTES: usize = 16 * 1024 * 1024;

/// Returns what a connection sends, until the client closes it or breaks the protocol.
#[cfg(feature = "echo")]
pub(crate) async fn echo(upgraded: Upgraded, hub: &Hub) {
    let Some((mut input, writer)) = Input::new(upgraded, MAX_ECHO_BYTES) else {
        return;
    };
    let mut rules = hub.outbox_rules().as_ref().clone();
    rules.limit = 4 * MAX_ECHO_BYTES;
    let (outbox, mut drain) = outbox(Arc::new(rules), writer);
    let reading = async {
        while let Ok(message) = input.next(&outbox).await {
            match message {
                Message::Text(text) => outbox.send(&text),
                Message::Binary(bytes) => outbox.send_binary(&bytes),
                _ => true,
            };
            outbox.room().await;
        }
    };
    tokio::select! {
        () = reading => {}
        _ = drain.run() => {}
    }
    let _ = timeout(
        CLOSE_TIMEOUT,
        close(&mut input, &outbox, &mut drain, End::Gone),
    )
    .await;
}

/// Reads commands until the client is gone, idle, sends too long a frame or does not read
/// the answers. Reads no more than `frames` a second, and counts into `delayed`.
async fn read(
    input: &mut Input,
    outbox: &Outbox,
    commands: &mut Commands,
    heartbeat: Option<Duration>,
    frames: Option<u32>,
    delayed: &Counter,
) -> End {
    let mut last_heartbeat = Instant::now();
    let mut frames = frames.map(|frames| Bucket::new(frames, last_heartbeat.into()));
    loop {
        if timeout(IDLE_TIMEOUT, outbox.room()).await.is_err() {
            return End::Slow;
        }
        let idle = Instant::now() + IDLE_TIMEOUT;
        let deadline = heartbeat.map_or(idle, |timeout| idle.min(last_heartbeat + timeout));
        let message = match timeout_at(deadline, input.next(outbox)).await {
            Err(_) => return End::Idle,
            // The library rejects a message over `MAX_READ_BYTES` before it reads it.
            Ok(Err(Error::Capacity(_))) => return End::TooLong,
            Ok(Err(_)) => return End::Gone,
            Ok(Ok(message)) => message,
        };
        let now = Instant::now().into();
        let wait = frames.as_mut().map(|frames| frames.owe(1, now));
        // Even the shortest sleep takes a millisecond.
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            delayed.inc();
            sleep(wait).await;
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(bytes) if bytes.len() > MAX_FRAME_BYTES => return End::TooLong,
            Message::Binary(_) => {
                commands.refuse_binary();
                continue;
            }
            Message::Close(_) => return End::Gone,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        if text.len() > MAX_FRAME_BYTES {
            return End::TooLong;
        }
        // Its state is large, and most of the time there is no command.
        if Box::pin(commands.handle(&text)).await {
            last_heartbeat = Instant::now();
        }
    }
}

/// Sends pings and keep-alives until the connection `expires`.
async fn keep_up(outbox: &Outbox, keep_alive: bool, expires: Instant) {
    let now = Instant::now();
    let mut ping = now + PING;
    let mut alive = if keep_alive {
        now + KEEP_ALIVE
    } else {
        expires
    };
    loop {
        let next = ping.min(alive).min(expires);
        sleep_until(next).await;
        if next >= expires {
            return;
        }
        if next >= alive {
            outbox.send(&empty_frame(event::KEEP_ALIVE));
            alive += KEEP_ALIVE;
        }
        if next >= ping {
            outbox.ping();
            ping += PING;
        }
    }
}

/// Performs the closing handshake.
async fn close(input: &mut Input, outbox: &Outbox, drain: &mut Drain, end: End) {
    drain.close(end.flushes_outbox());
    if let Some(frame) = end.close_frame() {
        input.close(outbox, frame).await;
    }
    // Reading on sends the answer to the client's close frame, or waits for the
    // answer to ours, so that a reset does not discard the close code.
    let reading = async { while input.next(outbox).await.is_ok() {} };
    tokio::join!(reading, drain.run());
    drain.shut_down();
}
