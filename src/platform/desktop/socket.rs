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

use super::{route, words};
use crate::platform::{SocketError, SocketEvent};

/// How large a frame from the hub may be; its messages are far smaller.
const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// How much may wait to be sent to a hub that does not read.
const MAX_UNSENT_BYTES: usize = 64 * 1024;
const READ_BUFFER_BYTES: usize = 16 * 1024;
/// How long a dropped socket may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

type Connection = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A WebSocket; dropping it closes the connection.
pub struct Socket {
    /// There until the drop, which takes it along into its goodbye.
    stream: Option<Box<Connection>>,
}

impl Socket {
    /// Connects to a `ws:` or `wss:` address, the latter by the system's
    /// certificates; through a proxy where the environment names one.
    ///
    /// # Errors
    /// The address is none, no connection came about, or the handshake was
    /// refused.
    pub async fn open(url: &str) -> Result<Self, SocketError> {
        // rustls wants to be told which cryptography to use, once for each
        // process; it keeps what it was told first.
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
        let stream = route::connect(request.uri())
            .await
            .map_err(SocketError::Connect)?;
        let (stream, _) = client_async_tls_with_config(request, stream, Some(config), None)
            .await
            .map_err(describe)?;
        Ok(Self {
            stream: Some(Box::new(stream)),
        })
    }

    /// Takes a text frame; [`poll_event`](Self::poll_event) sends it.
    ///
    /// # Errors
    /// The connection is over, or too much is unsent already.
    pub fn send(&mut self, text: String) -> Result<(), SocketError> {
        Pin::new(self.stream())
            .start_send(Message::text(text))
            .map_err(|_| SocketError::Send)
    }

    /// What arrives next; sends what is to be sent.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<SocketEvent> {
        let stream = self.stream();
        if let Poll::Ready(Err(error)) = Pin::new(&mut *stream).poll_flush(cx) {
            return Poll::Ready(broken(&error));
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
                // Control frames; tungstenite answers them.
                Some(Ok(_)) => continue,
                Some(Err(error)) => broken(&error),
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
        // The peer's Close is waited for: a connection that is dropped with
        // bytes unread is reset, and a reset can overtake our own Close.
        let parting = partings().subscribe();
        runtime.spawn(tokio::time::timeout(GOODBYE, async move {
            if stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = stream.next().await {}
            }
            drop(parting);
        }));
    }
}

/// Waits until the hub knows of each socket that was dropped, which it is told
/// in the background; not longer than a few seconds. The end of the process
/// would cut that short.
pub async fn say_goodbye() {
    let _ = tokio::time::timeout(GOODBYE, partings().closed()).await;
}

/// Has a receiver for each socket that is saying goodbye.
fn partings() -> &'static watch::Sender<()> {
    static PARTINGS: OnceLock<watch::Sender<()>> = OnceLock::new();
    PARTINGS.get_or_init(|| watch::channel(()).0)
}

fn broken(error: &Error) -> SocketEvent {
    SocketEvent::Closed {
        code: None,
        reason: error.to_string(),
    }
}

/// What went wrong, without the address: it carries the token.
fn describe(error: Error) -> SocketError {
    match error {
        Error::Url(_) | Error::HttpFormat(_) => SocketError::Address,
        Error::Http(response) => SocketError::Connect(format!(
            "the handshake was answered with status {}",
            response.status().as_u16()
        )),
        other => SocketError::Connect(words::cause(&other)),
    }
}
