//! The browser's WebSocket.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};

use crate::platform::{SocketError, SocketEvent};

/// Codes that the browser reports if there was no Close frame or no code in it.
const NO_CODE: [u16; 2] = [1005, 1006];

/// A WebSocket; dropping it closes the connection.
pub struct Socket(WebSocket);

impl Socket {
    /// Connects to a `ws:` or `wss:` address.
    ///
    /// # Errors
    /// The browser does not allow the address, or the connection failed, for
    /// which the browser gives no reason.
    pub async fn open(url: &str) -> Result<Self, SocketError> {
        let mut socket = WebSocket::open(url).map_err(|_| SocketError::Address)?;
        poll_fn(|cx| Pin::new(&mut socket).poll_ready(cx))
            .await
            .map_err(|_| SocketError::Send)?;
        match socket.state() {
            State::Open => Ok(Self(socket)),
            _ => Err(SocketError::Connect("no connection".into())),
        }
    }

    /// Queues a text frame, which the browser sends.
    ///
    /// # Errors
    /// The connection has ended.
    pub fn send(&mut self, text: String) -> Result<(), SocketError> {
        Pin::new(&mut self.0)
            .start_send(Message::Text(text))
            .map_err(|_| SocketError::Send)
    }

    /// The next event.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<SocketEvent> {
        loop {
            let message = ready!(Pin::new(&mut self.0).poll_next(cx));
            return Poll::Ready(match message {
                Some(Ok(Message::Text(text))) => SocketEvent::Text(text),
                Some(Ok(Message::Bytes(_))) => SocketEvent::Binary,
                Some(Err(WebSocketError::ConnectionClose(close))) => SocketEvent::Closed {
                    code: Some(close.code).filter(|code| !NO_CODE.contains(code)),
                    reason: close.reason,
                },
                // An `error` event has no details, and a `close` event follows.
                Some(Err(_)) => continue,
                None => SocketEvent::Closed {
                    code: None,
                    reason: String::new(),
                },
            });
        }
    }
}
