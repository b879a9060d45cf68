//! One WebSocket connection: commands in, a bounded outbox out.

mod commands;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::auth::Claims;
use crate::hub::Hub;
use crate::outbox::{OutboxReader, outbox};
use commands::Commands;

/// The longest frame that a client may send, in bytes.
pub const MAX_FRAME_BYTES: usize = 128 * 1024;
/// Frames up to this length are read so that their sender can be told with a
/// close code; a longer one breaks the connection.
pub const MAX_READ_BYTES: usize = 4 * MAX_FRAME_BYTES;

/// The server's `hotsock.keepAlive` comes this often.
const KEEP_ALIVE: Duration = Duration::from_secs(570);
/// A WebSocket ping goes out this often; any client answers it by itself.
const PING: Duration = Duration::from_secs(30);
/// A connection from which nothing came for this long is gone.
const PATIENCE: Duration = Duration::from_secs(75);
/// How long the end of a connection may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client closed it, or the network did.
    Gone,
    /// Nothing came from the client in time.
    Silent,
    /// A frame was too long.
    TooLong,
    /// Its outbox was full.
    Slow,
    /// It has reached its lifetime.
    Expired,
    /// The hub stops.
    Closing,
}

impl End {
    /// The close code and reason for the client. 1013 asks it to come back.
    fn close_frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Silent => (close_code::AWAY, "no heartbeat"),
            Self::TooLong => (close_code::SIZE, "frames may have at most 131072 bytes"),
            Self::Slow => (close_code::AGAIN, "too slow: reconnect"),
            Self::Expired => (close_code::AWAY, "connection lifetime reached: reconnect"),
            Self::Closing => (close_code::AWAY, "the hub is stopping"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }

    /// Whether the client should still get what is in its outbox.
    fn delivers_the_rest(self) -> bool {
        matches!(self, Self::Expired | Self::Closing)
    }
}

/// Serves a connection whose token allowed it, until it ends.
pub async fn run(socket: WebSocket, hub: Arc<Hub>, claims: Claims) {
    let full = CancellationToken::new();
    let (outbox, mut reader) = outbox(hub.parts.connections.outbox, full.clone());
    let keep_alive = claims.keep_alive;
    let heartbeat = claims.heartbeat_timeout.map(Duration::from_secs);
    let expires = hub.parts.connections.lifetime.map(|lifetime| {
        let now = Instant::now();
        // A lifetime past the clock's end is none.
        now.checked_add(lifetime)
            .unwrap_or(now + Duration::from_secs(86_400 * 365 * 30))
    });

    hub.metrics.connections.inc();
    let mut commands = Commands::new(Arc::clone(&hub), claims, outbox);
    commands.greet().await;

    let (mut sink, mut stream) = socket.split();
    let end = {
        let reading = pin!(read(&mut stream, &mut commands, heartbeat));
        let writing = pin!(write(&mut sink, &mut reader, keep_alive));
        let expiry = pin!(async {
            match expires {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        });
        tokio::select! {
            end = reading => end,
            end = writing => end,
            () = full.cancelled() => End::Slow,
            () = expiry => End::Expired,
            () = hub.closing.cancelled() => End::Closing,
        }
    };

    commands.leave().await;
    hub.metrics.connections.dec();
    if end == End::Slow {
        hub.metrics.closed_as_slow.inc();
    }
    tracing::debug!(connection = commands.connection(), ?end, "connection ended");
    // A client that does not take its farewell in time goes without.
    let _ = timeout(FAREWELL, farewell(sink, stream, reader, end)).await;
}

/// Reads commands until the client is gone, silent or too loud.
async fn read(
    stream: &mut SplitStream<WebSocket>,
    commands: &mut Commands,
    heartbeat: Option<Duration>,
) -> End {
    let mut last_heartbeat = Instant::now();
    loop {
        let patience = Instant::now() + PATIENCE;
        let deadline = heartbeat.map_or(patience, |timeout| patience.min(last_heartbeat + timeout));
        let message = match timeout_at(deadline, stream.next()).await {
            Err(_) => return End::Silent,
            Ok(None) => return End::Gone,
            Ok(Some(Err(error))) => return read_error(&error),
            Ok(Some(Ok(message))) => message,
        };
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
        if commands.handle(&text).await == commands::Handled::Heartbeat {
            last_heartbeat = Instant::now();
        }
    }
}

/// The library refuses a message over [`MAX_READ_BYTES`] before it reads it.
fn read_error(error: &axum::Error) -> End {
    use std::error::Error;
    let too_long = error
        .source()
        .is_some_and(|source| source.to_string().contains("too long"));
    if too_long { End::TooLong } else { End::Gone }
}

/// Writes what comes into the outbox, and what the clock demands.
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
            _ = keep_alives.tick(), if keep_alive => Message::Text(commands::keep_alive()),
        };
        if write_all(sink, message, outbox).await.is_err() {
            return End::Gone;
        }
    }
}

/// Writes `first` and whatever else is queued, in one flush.
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

/// Ends the connection in good order: the rest of the outbox where it is due,
/// a close frame, and the client's answer to it.
async fn farewell(
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
    mut outbox: OutboxReader,
    end: End,
) {
    if end.delivers_the_rest() {
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
    // Reading on sends the answer to the client's close frame, or awaits the
    // client's answer to ours, so that the close code is not lost to a reset.
    while let Some(Ok(_)) = stream.next().await {}
    let _ = sink.close().now_or_never();
}
