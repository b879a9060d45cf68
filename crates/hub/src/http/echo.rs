//! `GET /echo`: a WebSocket that returns what it receives, to test how the hub speaks the
//! protocol. Only builds with the feature `echo` have it.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::StreamExt;

use super::client::Client;
use super::connect::BUFFER_BYTES;

/// The longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

pub(crate) async fn echo(client: Client, upgrade: WebSocketUpgrade) -> Response {
    if let Some(peer) = client.peer {
        peer.becomes_websocket();
    }
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(run)
}

/// Until the client closes the connection or breaks the protocol. Reading on answers its
/// pings, and its close frame.
async fn run(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.next().await {
        let echoed = matches!(message, Message::Text(_) | Message::Binary(_));
        if echoed && socket.send(message).await.is_err() {
            return;
        }
    }
}
