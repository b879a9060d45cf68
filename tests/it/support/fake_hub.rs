//! A hub under the control of a test, which takes each request in turn and
//! answers it.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use live_dashboard::feed::Endpoints;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::within;

pub(crate) const TOKEN: &str = r#"{"token":"secret/token","channel":"c"}"#;

/// A listener on a port of its own.
pub(crate) struct FakeHub {
    address: SocketAddr,
    visits: mpsc::Receiver<Visit>,
    listening: JoinHandle<()>,
}

/// A request that has been read but not answered.
pub(crate) struct Visit {
    stream: TcpStream,
    /// The request line, such as `GET /v1 HTTP/1.1`.
    pub(crate) line: String,
    pub(crate) body: String,
    upgrade: bool,
}

/// The hub's end of a WebSocket.
pub(crate) struct Viewer(WebSocketStream<TcpStream>);

impl FakeHub {
    pub(crate) async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens on an address that was just released.
    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, visits) = mpsc::channel(16);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    if let Some(visit) = read(stream).await {
                        let _ = sender.send(visit).await;
                    }
                });
            }
        });
        Self {
            address,
            visits,
            listening,
        }
    }

    /// Stops listening; returns the released address.
    pub(crate) async fn stop(mut self) -> SocketAddr {
        self.listening.abort();
        let _ = (&mut self.listening).await;
        self.address
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints {
            token_url: format!("{}/live-dashboard", self.url()),
            socket_url: format!("ws://{}/v1", self.address),
            api_url: None,
            dashboard: None,
            may_choose: false,
        }
    }

    /// The same with the client API.
    pub(crate) fn endpoints_with_api(&self) -> Endpoints {
        Endpoints {
            api_url: Some(self.url()),
            ..self.endpoints()
        }
    }

    pub(crate) async fn visit(&mut self) -> Visit {
        within("a visit", self.visits.recv())
            .await
            .expect("the listener lives")
    }

    /// Answers the next request, for a token; returns its body.
    pub(crate) async fn give_token(&mut self, status: u16, body: &str) -> String {
        let visit = self.visit().await;
        assert!(visit.line.starts_with("POST "), "{}", visit.line);
        let asked = visit.body.clone();
        visit.answer(status, body).await;
        asked
    }

    /// Answers the next request, for stored messages; returns its body.
    pub(crate) async fn list(&mut self, messages: &[String]) -> String {
        let visit = self.visit().await;
        assert!(
            visit
                .line
                .starts_with("POST /connection/listMessages?connectionId=i&connectionSecret=s "),
            "{}",
            visit.line
        );
        let asked = visit.body.clone();
        let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
        visit.answer(200, &body).await;
        asked
    }

    /// Accepts the next request, a WebSocket.
    pub(crate) async fn accept(&mut self) -> Viewer {
        let visit = self.visit().await;
        assert!(visit.upgrade, "{}", visit.line);
        assert!(
            visit.line.contains("token=secret%2Ftoken"),
            "{}",
            visit.line
        );
        Viewer(accept_async(visit.stream).await.expect("a handshake"))
    }

    /// Issues a token, accepts the socket, confirms the subscription.
    pub(crate) async fn bring_live(&mut self) -> Viewer {
        self.give_token(200, TOKEN).await;
        let mut viewer = self.accept().await;
        viewer.subscribe().await;
        viewer
    }
}

impl Drop for FakeHub {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Visit {
    /// Waits until the client has hung up.
    pub(crate) async fn hung_up(&mut self) {
        let mut rest = [0; 1024];
        while self.stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
    }

    pub(crate) async fn answer(mut self, status: u16, body: &str) {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        // The client may have hung up.
        let _ = self.stream.write_all(answer.as_bytes()).await;
        let _ = self.stream.shutdown().await;
    }
}

impl Viewer {
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.send_raw(Message::text(text.into())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("the viewer listens");
    }

    /// The next text frame.
    pub(crate) async fn receive(&mut self) -> String {
        match within("a frame", self.0.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("no text: {other:?}"),
        }
    }

    /// Sends the greeting and confirms the subscription.
    pub(crate) async fn subscribe(&mut self) {
        self.greet(r#"{"connectionId":"i","connectionSecret":"s"}"#)
            .await;
    }

    /// The same with other data in the greeting.
    pub(crate) async fn greet(&mut self, data: &str) {
        self.send(format!(
            r#"{{"event":"hotsock.connected","data":{data},"meta":{{"uid":null,"umd":null}}}}"#
        ))
        .await;
        assert_eq!(
            self.receive().await,
            r#"{"event":"hotsock.subscribe","channel":"c"}"#
        );
        self.send(r#"{"event":"hotsock.subscribed","channel":"c","data":{},"meta":{}}"#)
            .await;
    }

    pub(crate) async fn publish(&mut self, id: &str, event: &str, data: &str) {
        self.send(message(id, event, data)).await;
    }

    /// Waits for the viewer's Close frame.
    pub(crate) async fn closed(mut self) {
        loop {
            match within("the close", self.0.next()).await {
                Some(Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
                other => panic!("no Close frame: {other:?}"),
            }
        }
    }

    /// Closes the connection from the hub's side.
    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.to_owned().into(),
        };
        let _ = self.0.close(Some(frame)).await;
    }

    /// Waits until the connection has ended.
    pub(crate) async fn gone(&mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// Drops the connection without a Close frame.
    pub(crate) fn cut(self) {
        drop(self.0);
    }
}

/// A message of the channel.
pub(crate) fn message(id: &str, event: &str, data: &str) -> String {
    format!(r#"{{"id":"{id}","event":"{event}","channel":"c","data":{data}}}"#)
}

/// Reads a request; leaves a WebSocket's for the handshake to read.
async fn read(mut stream: TcpStream) -> Option<Visit> {
    let mut head = vec![0; 16 * 1024];
    let (length, text) = loop {
        let peeked = stream.peek(&mut head).await.ok().filter(|n| *n > 0)?;
        let text = String::from_utf8_lossy(&head[..peeked]).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            break (end + 4, text[..end].to_owned());
        }
        tokio::task::yield_now().await;
    };
    let line = text.lines().next()?.to_owned();
    let header = |name: &str| {
        let mut lines = text.lines().skip(1).filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    };
    let upgrade = header("upgrade").is_some();
    let mut body = Vec::new();
    if !upgrade {
        stream.read_exact(&mut head[..length]).await.ok()?;
        let length = header("content-length").and_then(|length| length.parse().ok());
        body.resize(length.unwrap_or(0), 0);
        stream.read_exact(&mut body).await.ok()?;
    }
    Some(Visit {
        stream,
        line,
        body: String::from_utf8_lossy(&body).into_owned(),
        upgrade,
    })
}
