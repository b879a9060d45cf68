//! A hub on a port of its own, and clients to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use live_dashboard_hub::auth::{Expected, Signer};
use live_dashboard_hub::config::{Config, Options};
use live_dashboard_hub::drawing::DrawingRules;
use live_dashboard_hub::hub::Hub;
use live_dashboard_hub::{assemble, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The API key of every test's hub.
pub(crate) const API_KEY: &str = "0123456789012345678901234567890123456789";
/// Its signing key.
pub(crate) const SIGNING_KEY: &str = "a signing key of more than 32 bytes for tests";
/// A limit for all waiting; only failures reach it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A hub that serves until it is dropped or stopped.
pub(crate) struct TestHub {
    pub(crate) address: SocketAddr,
    /// The address for programs.
    pub(crate) admin: SocketAddr,
    pub(crate) hub: Arc<Hub>,
    http: reqwest::Client,
    serving: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
    _data: TempDir,
}

impl TestHub {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::with_drawing(DrawingRules::default(), change).await
    }

    /// A hub with other limits of drawing.
    pub(crate) async fn with_drawing(
        drawing: DrawingRules,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let mut options = Options {
            listen: Some("127.0.0.1:0".into()),
            data_dir: Some(data.path().to_owned()),
            api_keys: Some(vec![API_KEY.into()]),
            signing_key: Some(SIGNING_KEY.into()),
            ..Options::default()
        };
        change(&mut options);
        let mut config = Config::resolve(options).expect("a good configuration");
        config.drawing = drawing;
        let listener = TcpListener::bind(&config.listen).await.expect("a port");
        let mut address = listener.local_addr().expect("bound");
        let hub = assemble(&config, address, None).expect("a hub");
        let admin_listener = match &config.admin_listen {
            Some(admin) => Some(TcpListener::bind(admin).await.expect("a port")),
            None => None,
        };
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        Self::serving(address, listener, admin_listener, hub, data)
    }

    /// A hub whose files are in `data`.
    pub(crate) fn serving(
        address: SocketAddr,
        listener: TcpListener,
        admin_listener: Option<TcpListener>,
        hub: Arc<Hub>,
        data: TempDir,
    ) -> Self {
        let admin = admin_listener.as_ref();
        let admin = admin.map_or(address, |admin| admin.local_addr().expect("bound"));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, admin_listener, Arc::clone(&hub), async {
            let _ = stopped.await;
        }));
        Self {
            address,
            admin,
            hub,
            http: reqwest::Client::new(),
            serving,
            stop: Some(stop),
            _data: data,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The URL of what programs use.
    pub(crate) fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// Asks the hub to stop and waits until it has.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        timeout(PATIENCE, &mut self.serving)
            .await
            .expect("stops in time")
            .expect("does not panic");
    }

    /// Publishes and returns status and body.
    pub(crate) async fn publish(&self, body: Value) -> (u16, Value) {
        self.publish_raw(API_KEY, body.to_string()).await
    }

    pub(crate) async fn publish_raw(&self, key: &str, body: impl Into<String>) -> (u16, Value) {
        let answer = self
            .http
            .post(self.admin_url("/publish"))
            .bearer_auth(key)
            .body(body.into())
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    /// The count of `GET /channels/{name}`.
    pub(crate) async fn count(&self, channel: &str) -> u64 {
        let body: Value = self
            .http
            .get(self.admin_url(&format!("/channels/{channel}")))
            .bearer_auth(API_KEY)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(body["name"], channel);
        body["subscriptionsCount"].as_u64().expect("a count")
    }

    /// Waits until a channel's count is `expected`.
    pub(crate) async fn until_count(&self, channel: &str, expected: u64) {
        timeout(PATIENCE, async {
            while self.count(channel).await != expected {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the count is reached");
    }

    /// Waits until a number at `/metrics` is `expected`.
    pub(crate) async fn until_metric(&self, name: &str, expected: u64) {
        let line = format!("live_dashboard_{name} {expected}");
        timeout(PATIENCE, async {
            while !self.metrics().await.lines().any(|other| other == line) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the number is reached");
    }

    /// The text of `/metrics`.
    pub(crate) async fn metrics(&self) -> String {
        let answer = self.http.get(self.admin_url("/metrics")).send().await;
        let answer = answer.expect("an answer");
        answer.text().await.expect("text")
    }

    /// Opens a connection under a token of these claims.
    pub(crate) async fn connect(&self, claims: Value) -> Client {
        Client::open(self.address, &sign(claims))
            .await
            .expect("accepted")
    }

    /// Opens a connection that may subscribe to `channel`, and subscribes.
    pub(crate) async fn subscribed(&self, channel: &str) -> Client {
        let mut client = self.connect(viewer(channel)).await;
        client.next_event("hotsock.connected").await;
        client
            .send(json!({"event": "hotsock.subscribe", "channel": channel}))
            .await;
        client.next_event("hotsock.subscribed").await;
        client
    }

    /// The status and error code of a handshake with this token, and of the
    /// same request without upgrade headers.
    pub(crate) async fn refusal(&self, token: &str) -> (u16, String) {
        let probe = self
            .http
            .get(self.url(&format!("/v1?token={token}")))
            .send()
            .await
            .expect("an answer");
        let probed = probe.status().as_u16();
        let body: Value = probe.json().await.expect("JSON");
        match Client::open(self.address, token).await {
            Ok(_) => assert_eq!(probed, 426, "accepted, but the probe said {body}"),
            Err(status) => assert_eq!(probed, status, "handshake and probe disagree: {body}"),
        }
        let code = body["error"]["code"].as_str().unwrap_or_default();
        (probed, code.to_owned())
    }
}

/// The options of a hub that listens on all addresses of the machine.
pub(crate) fn reachable(options: &mut Options) {
    options.listen = Some("0.0.0.0:0".into());
    options.viewer_access = Some("open".into());
}

/// The present, in whole seconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

/// The claims of a viewer of one channel.
pub(crate) fn viewer(channel: &str) -> Value {
    json!({
        "exp": now() + 60,
        "scope": "connect",
        "uid": "viewer",
        "channels": {channel: {"subscribe": true}},
    })
}

/// A token signed with the hub's own key.
pub(crate) fn sign(claims: Value) -> String {
    Signer::new(SIGNING_KEY, Expected::default())
        .expect("a key")
        .sign(&claims)
}

/// One WebSocket connection.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    /// Connects; the error is the handshake's status.
    pub(crate) async fn open(address: SocketAddr, token: &str) -> Result<Self, u16> {
        Self::open_from(address, token, None).await
    }

    /// The same from a page of `origin`.
    pub(crate) async fn open_from(
        address: SocketAddr,
        token: &str,
        origin: Option<&str>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/v1?token={token}")
            .into_client_request()
            .expect("a request");
        if let Some(origin) = origin {
            let origin = origin.parse().expect("a header's value");
            request.headers_mut().insert("origin", origin);
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("neither accepted nor refused: {error}"),
        }
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket
            .send(Message::text(text))
            .await
            .expect("still connected");
    }

    /// Sends a frame, if the connection is still open.
    pub(crate) async fn try_send(&mut self, frame: Value) -> Option<()> {
        self.socket
            .send(Message::text(frame.to_string()))
            .await
            .ok()
    }

    /// The next frame of the protocol.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            match self.next_message().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("no frame but {other:?}"),
            }
        }
    }

    /// The next frame, which must be of `event`.
    pub(crate) async fn next_event(&mut self, event: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["event"], event, "{frame}");
        frame
    }

    /// Reads on until the hub closes; the close code.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.next_message().await {
                Message::Close(Some(frame)) => return frame.code.into(),
                Message::Close(None) => panic!("closed without a code"),
                _ => {}
            }
        }
    }

    async fn next_message(&mut self) -> Message {
        timeout(PATIENCE, self.socket.next())
            .await
            .expect("something comes in time")
            .expect("still connected")
            .expect("a good frame")
    }
}
