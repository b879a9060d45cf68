//! One WebSocket connection: executes the client's commands, and sends what its
//! bounded outbox contains.

mod commands;

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use live_dashboard_protocol::frame::event;
use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use crate::auth::Claims;
use crate::hub::Hub;
use crate::outbox::{OutboxReader, outbox};
use crate::rate::Bucket;
use commands::{Commands, empty_frame};

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
            Self::Idle => (close_code::AWAY, "no heartbeat"),
            Self::TooLong => (close_code::SIZE, &*too_long),
            Self::Slow => (close_code::AGAIN, "too slow: reconnect"),
            Self::Gap => (close_code::AGAIN, "messages were missed: reconnect"),
            Self::Expired => (close_code::AWAY, "connection lifetime reached: reconnect"),
            Self::Withdrawn => (
                close_code::POLICY,
                "permission has been withdrawn: reconnect with another token",
            ),
            Self::Closing => (close_code::AWAY, "the hub is stopping"),
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

/// Serves an authorized connection until it ends.
pub async fn run(socket: WebSocket, hub: Arc<Hub>, claims: Claims) {
    let full = CancellationToken::new();
    let rules = hub.connection_rules();
    let waiting = Arc::clone(hub.waiting());
    let (outbox, mut reader) = outbox(rules.outbox, waiting, full.clone());
    let keep_alive = claims.keep_alive;
    let heartbeat = claims.heartbeat_timeout.map(Duration::from_secs);
    let lifetime = rules.lifetime.unwrap_or(FOREVER).min(FOREVER);
    let expires = Instant::now() + lifetime;

    let open = hub.metrics().connection();
    let claims = Arc::new(claims);
    let mut commands = Commands::new(Arc::clone(&hub), Arc::clone(&claims), outbox);
    commands.greet().await;

    let (mut sink, mut stream) = socket.split();
    let end = {
        let frames = hub.limits().frames_per_viewer;
        let delayed = &hub.metrics().reads_delayed;
        let reading = pin!(read(&mut stream, &mut commands, heartbeat, frames, delayed));
        let writing = pin!(write(&mut sink, &mut reader, keep_alive));
        tokio::select! {
            end = reading => end,
            end = writing => end,
            () = full.cancelled() => End::Slow,
            () = sleep_until(expires) => End::Expired,
            () = hub.withdrawal(&claims) => End::Withdrawn,
            () = hub.closing().cancelled() => End::Closing,
        }
    };

    let end = match end {
        End::Slow if reader.has_gap() => End::Gap,
        end => end,
    };
    commands.leave().await;
    drop(open);
    if end == End::Slow {
        hub.metrics().closed_as_slow.inc();
    }
    tracing::debug!(connection = commands.connection(), ?end, "connection ended");
    // A client that does not answer in time is cut off.
    let _ = timeout(CLOSE_TIMEOUT, close(sink, stream, reader, end)).await;
}

/// Reads commands until the client is gone, idle, sends too long a frame or does not read
/// the answers. Reads no more than `frames` a second, and counts into `delayed`.
async fn read(
    stream: &mut SplitStream<WebSocket>,
    commands: &mut Commands,
    heartbeat: Option<Duration>,
    frames: Option<u32>,
    delayed: &Counter,
) -> End {
    let mut last_heartbeat = Instant::now();
    let mut frames = frames.map(|frames| Bucket::new(frames, last_heartbeat.into()));
    loop {
        if timeout(IDLE_TIMEOUT, commands.room()).await.is_err() {
            return End::Slow;
        }
        let idle = Instant::now() + IDLE_TIMEOUT;
        let deadline = heartbeat.map_or(idle, |timeout| idle.min(last_heartbeat + timeout));
        let message = match timeout_at(deadline, stream.next()).await {
            Err(_) => return End::Idle,
            Ok(None) => return End::Gone,
            Ok(Some(Err(error))) => return read_error(&error),
            Ok(Some(Ok(message))) => message,
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
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        if text.len() > MAX_FRAME_BYTES {
            return End::TooLong;
        }
        if commands.handle(&text).await {
            last_heartbeat = Instant::now();
        }
    }
}

/// The library rejects a message over [`MAX_READ_BYTES`] before it reads it.
fn read_error(error: &axum::Error) -> End {
    match error.source().and_then(|source| source.downcast_ref()) {
        Some(tungstenite::Error::Capacity(_)) => End::TooLong,
        _ => End::Gone,
    }
}

/// Writes frames of the outbox, pings and keep-alives.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    outbox: &mut OutboxReader,
    keep_alive: bool,
) -> End {
    let now = Instant::now();
    let mut pings = tokio::time::interval_at(now + PING, PING);
    let mut keep_alives = tokio::time::interval_at(now + KEEP_ALIVE, KEEP_ALIVE);
    loop {
        let message = tokio::select! {
            frame = outbox.next() => match frame {
                Some(frame) => Message::Text(frame),
                None => return End::Gone,
            },
            _ = pings.tick() => Message::Ping(Vec::new().into()),
            _ = keep_alives.tick(), if keep_alive => Message::Text(empty_frame(event::KEEP_ALIVE)),
        };
        if write_all(sink, message, outbox).await.is_err() {
            return End::Gone;
        }
    }
}

/// Writes `first` and all queued frames, in one flush.
async fn write_all(
    sink: &mut SplitSink<WebSocket, Message>,
    first: Message,
    outbox: &mut OutboxReader,
) -> Result<(), axum::Error> {
    sink.feed(first).await?;
    while let Some(frame) = outbox.try_next() {
        sink.feed(Message::Text(frame)).await?;
    }
    sink.flush().await
}

/// Performs the closing handshake.
async fn close(
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
    mut outbox: OutboxReader,
    end: End,
) {
    if end.flushes_outbox() {
        while let Some(frame) = outbox.try_next() {
            if sink.feed(Message::Text(frame)).await.is_err() {
                return;
            }
        }
    }
    if let Some(frame) = end.close_frame()
        && sink.send(Message::Close(Some(frame))).await.is_err()
    {
        return;
    }
    // Reading on sends the answer to the client's close frame, or waits for the
    // answer to ours, so that a reset does not discard the close code.
    while let Some(Ok(_)) = stream.next().await {}
    let _ = sink.close().now_or_never();
}
