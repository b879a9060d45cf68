//! A WebSocket over tokio.

use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, Stream, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::cause::root_cause;
use super::proxy;
use crate::platform::{SocketError, SocketEvent};

/// The size limit for a received frame; the hub's messages are far smaller.
const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// The limit for queued frames, in case the hub does not read.
const MAX_UNSENT_BYTES: usize = 64 * 1024;
const READ_BUFFER_BYTES: usize = 16 * 1024;
/// The timeout for the closing handshake of a dropped socket.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Connection = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A WebSocket; dropping it closes the connection.
pub struct Socket {
    /// `Some` until the drop, which moves it into the closing handshake.
    stream: Option<Box<Connection>>,
}

impl Socket {
    /// Connects to a `ws:` or `wss:` address, through a proxy if the environment
    /// names one. `wss:` trusts the system's certificates.
    ///
    /// # Errors
    /// The address is invalid, the connection failed, or the handshake was
    /// rejected.
    pub async fn open(url: &str) -> Result<Self, SocketError> {
        // rustls needs a process-wide provider. An error means that there is
        // one already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_UNSENT_BYTES)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let request = url.into_client_request().map_err(describe)?;
        if !matches!(request.uri().scheme_str(), Some("ws" | "wss")) {
            return Err(SocketError::Address);
        }
        let stream = proxy::connect(request.uri())
            .await
            .map_err(SocketError::Connect)?;
        let (stream, _) = client_async_tls_with_config(request, stream, Some(config), None)
            .await
            .map_err(describe)?;
        Ok(Self {
            stream: Some(Box::new(stream)),
        })
    }

    /// Queues a text frame, which [`poll_event`](Self::poll_event) sends.
    ///
    /// # Errors
    /// The connection has ended, or the queue is full.
    pub fn send(&mut self, text: String) -> Result<(), SocketError> {
        Pin::new(self.stream())
            .start_send(Message::text(text))
            .map_err(|_| SocketError::Send)
    }

    /// The next event. Also sends queued frames.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<SocketEvent> {
        let stream = self.stream();
        if let Poll::Ready(Err(error)) = Pin::new(&mut *stream).poll_flush(cx) {
            return Poll::Ready(closed_by(&error));
        }
        loop {
            let message = ready!(Pin::new(&mut *stream).poll_next(cx));
            return Poll::Ready(match message {
                Some(Ok(Message::Text(text))) => SocketEvent::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(_))) => SocketEvent::Binary,
                Some(Ok(Message::Close(frame))) => SocketEvent::Closed {
                    code: frame.as_ref().map(|frame| frame.code.into()),
                    reason: frame.map_or_else(String::new, |frame| frame.reason.to_string()),
                },
                // Control frames, which tungstenite handles.
                Some(Ok(_)) => continue,
                Some(Err(error)) => closed_by(&error),
                None => SocketEvent::Closed {
                    code: None,
                    reason: String::new(),
                },
            });
        }
    }

    fn stream(&mut self) -> &mut Connection {
        self.stream
            .as_mut()
            .expect("only the drop takes the stream")
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let (Some(mut stream), Ok(runtime)) =
            (self.stream.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        // Waits for the peer's Close: a connection that is dropped with unread
        // bytes is reset, and the reset can overtake our own Close.
        let closing = closing_sockets().subscribe();
        runtime.spawn(tokio::time::timeout(CLOSE_TIMEOUT, async move {
            if stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = stream.next().await {}
            }
            drop(closing);
        }));
    }
}

/// Waits until all dropped sockets have completed their closing handshakes, up
/// to two seconds. Call it before the process ends, which would cut them off.
pub async fn closing_sockets_done() {
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, closing_sockets().closed()).await;
}

/// Has one receiver for each socket in its closing handshake.
fn closing_sockets() -> &'static watch::Sender<()> {
    static CLOSING: OnceLock<watch::Sender<()>> = OnceLock::new();
    CLOSING.get_or_init(|| watch::channel(()).0)
}

fn closed_by(error: &Error) -> SocketEvent {
    SocketEvent::Closed {
        code: None,
        reason: error.to_string(),
    }
}

/// Describes an error without the address, which contains the token.
fn describe(error: Error) -> SocketError {
    match error {
        Error::Url(_) | Error::HttpFormat(_) => SocketError::Address,
        Error::Http(response) => SocketError::Connect(format!(
            "the handshake failed with status {}",
            response.status().as_u16()
        )),
        other => SocketError::Connect(root_cause(&other)),
    }
}
