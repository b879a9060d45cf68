//! A minimal viewer: token, WebSocket, subscription, stored messages.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::frame::{Connected, event};
use live_dashboard_protocol::limits::MAX_PAGE_MESSAGES;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::token::Grant;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::hub::Hub;

/// A subscribed connection.
pub(crate) struct Viewer {
    socket: WebSocketStream<TcpStream>,
    list_url: String,
    channel: String,
}

/// A message, live or listed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) data: Value,
}

impl Viewer {
    /// Connects and subscribes to the hub's default dashboard. `buffer` is the
    /// socket's receive buffer in bytes, which bounds what the system accepts
    /// for a viewer that does not read.
    pub(crate) async fn connect(hub: &Hub, buffer: Option<u32>) -> Result<Self> {
        Self::connect_to(hub.address(), buffer).await
    }

    /// The same to the hub at `HOST:PORT`.
    pub(crate) async fn connect_to(address: &str, buffer: Option<u32>) -> Result<Self> {
        let answer = reqwest::Client::new()
            .post(format!("http://{address}/live-dashboard"))
            .body("{}")
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?;
        let granted = Grant::parse(&answer).context("the answer is not a token")?;
        let tcp = TcpSocket::new_v4()?;
        if let Some(buffer) = buffer {
            tcp.set_recv_buffer_size(buffer)?;
        }
        let tcp = tcp.connect(address.parse()?).await?;
        let url = format!("ws://{address}/v1?token={}", granted.token);
        let (socket, _) = client_async(url, tcp).await?;
        let mut viewer = Self {
            socket,
            list_url: String::new(),
            channel: granted.channel,
        };
        let first = viewer.text().await?.context("closed before its greeting")?;
        let greeting = ReceivedFrame::parse(&first).context("the greeting is not a frame")?;
        let connected = Connected::from_json(&greeting.data);
        // Our hub uses letters and digits: nothing to encode.
        viewer.list_url = format!(
            "http://{address}/connection/listMessages?connectionId={}&connectionSecret={}",
            connected.connection_id, connected.connection_secret
        );
        let subscribe = Command::encode(event::SUBSCRIBE, Some(&viewer.channel));
        viewer.socket.send(Message::text(subscribe)).await?;
        let answer = viewer.text().await?.context("closed before its answer")?;
        if ReceivedFrame::parse(&answer).is_none_or(|frame| frame.event != event::SUBSCRIBED) {
            bail!("not subscribed: {answer}");
        }
        Ok(viewer)
    }

    /// The next text frame; `None` at the end.
    pub(crate) async fn text(&mut self) -> Result<Option<String>> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Some(text.as_str().to_owned())),
                Some(Ok(Message::Close(_))) | None => return Ok(None),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// The next message; `None` at the end.
    pub(crate) async fn message(&mut self) -> Option<Received> {
        while let Ok(Some(text)) = self.text().await {
            if let Ok(message) = serde_json::from_str(&text) {
                return Some(message);
            }
        }
        None
    }

    /// All stored messages after an id, oldest first, as of the end of the call.
    pub(crate) async fn stored_after(&self, after: Option<String>) -> Result<Vec<Received>> {
        #[derive(Deserialize)]
        struct Page {
            messages: Vec<Received>,
        }
        let client = reqwest::Client::new();
        let mut all: Vec<Received> = Vec::new();
        loop {
            let after = all.last().map(|message| &message.id).or(after.as_ref());
            let page: Page = client
                .post(&self.list_url)
                .json(&json!({"channel": self.channel, "after": after}))
                .send()
                .await?
                .error_for_status()?
                .json()
                .await?;
            let is_last = page.messages.len() < MAX_PAGE_MESSAGES;
            all.extend(page.messages);
            // While others publish, there is always one more.
            if is_last {
                return Ok(all);
            }
        }
    }
}
