//! A hub under attack, its healthy viewer, and the attackers' own sockets.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use live_dashboard_hub::auth::{Expected, Signer};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const API_KEY: &str = "0123456789012345678901234567890123456789";
const SIGNING_KEY: &str = "a signing key of more than 32 bytes for tests";
/// A limit for all waiting; only failures reach it.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much memory an attack may leave behind, in bytes.
const LEFT_BEHIND: u64 = 20_000_000;

/// Where the healthy viewer and the publisher are.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Where the attackers are.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A hub as a program, ended once dropped.
pub(crate) struct Target {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) data: TempDir,
    published: Arc<AtomicU64>,
}

impl Drop for Target {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Target {
    /// Starts a hub with more flags of `serve`.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::with_files(1024, flags)
    }

    /// Starts a hub that may have so many files open.
    pub(crate) fn with_files(files: u32, flags: &[&str]) -> Self {
        Self::start_by(&format!("ulimit -n {files}"), flags)
    }

    /// Starts a hub after a command of the shell.
    pub(crate) fn start_by(first: &str, flags: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let program = env!("CARGO_BIN_EXE_live-dashboard-hub");
        let mut process = Command::new("sh")
            .args(["-c", &format!("{first} && exec \"$0\" \"$@\"")])
            .args([program, "serve", "--listen", "127.0.0.1:0"])
            .args(flags)
            .env("LIVE_DASHBOARD_DATA_DIR", data.path())
            .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
            .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
            .env("LIVE_DASHBOARD_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let address = line.trim().strip_prefix("listening on http://");
        Self {
            address: address.expect("an address").parse().expect("an address"),
            process,
            data,
            published: Arc::default(),
        }
    }

    /// Runs an attack. Meanwhile messages are published, and a viewer must receive all of
    /// them in order; afterwards the hub must have its memory back.
    pub(crate) async fn under<T>(&self, attack: impl Future<Output = T>) -> T {
        let viewer = self.viewer().await;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let publishing = tokio::spawn(publish(self.address, Arc::clone(&self.published), stopped));
        let watching = tokio::spawn(watch(viewer));
        while self.published.load(Ordering::Relaxed) < 20 {
            sleep(Duration::from_millis(5)).await;
        }
        let before = self.resident();
        let result = timeout(2 * PATIENCE, attack).await.expect("it ends");
        assert!(stop.send(()).is_ok(), "published until now");
        let published = publishing.await.expect("every message was accepted");
        let received = timeout(PATIENCE, watching).await.expect("in time");
        assert_eq!(received.expect("in order"), published);
        self.until_memory_is_back(before).await;
        result
    }

    /// Asks the hub to stop, and waits until it has ended well.
    pub(crate) async fn stops(&mut self) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.expect("kill runs").success());
        let ended = async {
            loop {
                if let Some(status) = self.process.try_wait().expect("it can be waited for") {
                    return status;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let status = timeout(PATIENCE, ended).await.expect("it stops in time");
        assert!(status.success(), "{status}");
    }

    async fn until_memory_is_back(&self, before: u64) {
        let back = async {
            while self.resident() > before + LEFT_BEHIND {
                sleep(Duration::from_millis(50)).await;
            }
        };
        if timeout(PATIENCE, back).await.is_err() {
            panic!("{} bytes before, now {}", before, self.resident());
        }
    }

    /// The hub's resident memory, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("the hub is running");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        1024 * kibibytes
            .and_then(|it| it.parse::<u64>().ok())
            .expect("a number")
    }

    /// The processor time that the hub has used.
    pub(crate) fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.process.id());
        let stat = std::fs::read_to_string(path).expect("the hub is running");
        // After the name, which may contain spaces; in hundredths of a second.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.map(|it| it.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(10 * ticks)
    }

    /// A new viewer of the dashboard, with a token of the token endpoint. It comes back
    /// while the hub has no room.
    pub(crate) async fn viewer(&self) -> Socket {
        let admitted = async {
            loop {
                if let Some(mut socket) = self.admitted().await {
                    subscribe(&mut socket, "dashboard").await;
                    return socket;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, admitted)
            .await
            .expect("room for a viewer")
    }

    /// The connection of a viewer; `None` if the hub has no room.
    async fn admitted(&self) -> Option<Socket> {
        let (status, body) = self.ask(HOME, "POST /live-dashboard", "", "{}").await;
        if status == 503 {
            return None;
        }
        assert_eq!(status, 200, "{body}");
        let grant: Value = serde_json::from_str(&body).expect("JSON");
        let token = grant["token"].as_str().expect("a token");
        open(self.address, HOME, token).await.ok()
    }

    /// Status and body of a request of the attacker's.
    pub(crate) async fn request(&self, line: &str, headers: &str, body: &str) -> (u16, String) {
        self.ask(ELSEWHERE, line, headers, body).await
    }

    /// Status and body of an operator's request.
    pub(crate) async fn operator(&self, line: &str) -> (u16, String) {
        let key = format!("authorization: Bearer {API_KEY}\r\n");
        self.ask(HOME, line, &key, "").await
    }

    /// The status of a message that an operator publishes.
    pub(crate) async fn publish(&self, message: &Value) -> u16 {
        let key = format!("authorization: Bearer {API_KEY}\r\n");
        let body = message.to_string();
        self.ask(HOME, "POST /publish", &key, &body).await.0
    }

    async fn ask(&self, from: IpAddr, line: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = connect(self.address, from).await;
        let request = request(line, headers, body);
        stream.write_all(request.as_bytes()).await.expect("sent");
        read_answer(&mut stream).await.expect("an answer")
    }

    /// The number of a line of `/metrics`, 0 if it is not there.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.operator("GET /metrics").await;
        let line = text.lines().find_map(|line| {
            let line = line.strip_prefix("live_dashboard_")?;
            line.strip_prefix(name)?.strip_prefix(' ')
        });
        line.map_or(0, |number| number.parse().expect("a number"))
    }

    /// An attacker's plain connection.
    pub(crate) async fn raw(&self) -> TcpStream {
        connect(self.address, ELSEWHERE).await
    }

    /// An attacker's WebSocket with this token.
    pub(crate) async fn open(&self, token: &str) -> Socket {
        let opened = open(self.address, ELSEWHERE, token).await;
        opened.expect("accepted")
    }

    /// An attacker who is a viewer of a channel.
    pub(crate) async fn attacker(&self, channel: &str) -> Socket {
        self.lister(channel).await.0
    }

    /// The same, with the query that opens the client API.
    pub(crate) async fn lister(&self, channel: &str) -> (Socket, String) {
        let mut socket = self.open(&sign(&viewer(channel))).await;
        let query = subscribe(&mut socket, channel).await;
        (socket, query)
    }

    /// The status of an attacker's handshake with this token.
    pub(crate) async fn handshake(&self, token: &str) -> u16 {
        open(self.address, ELSEWHERE, token)
            .await
            .err()
            .unwrap_or(101)
    }
}

/// A WebSocket.
pub(crate) type Socket = WebSocketStream<TcpStream>;

/// The claims of a viewer of one channel with its whole history.
pub(crate) fn viewer(channel: &str) -> Value {
    let grants = json!({"subscribe": true, "historyStart": 0});
    json!({"exp": now() + 60, "scope": "connect", "channels": {channel: grants}})
}

/// A token of the hub's own key.
pub(crate) fn sign(claims: &Value) -> String {
    let signer = Signer::new(SIGNING_KEY, Expected::default());
    signer.expect("a key").sign(claims)
}

/// The present, in seconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

/// A request as text.
pub(crate) fn request(line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("{line} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// Status and body of the next answer, which must have a length; `None` if the hub ends
/// the connection instead.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> Option<(u16, String)> {
    timeout(PATIENCE, async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).expect("text").to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().expect("a status");
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let length = headers.find(|(name, _)| *name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().expect("a number"))];
        stream.read_exact(&mut body).await.ok()?;
        Some((status, String::from_utf8(body).expect("text")))
    })
    .await
    .expect("in time")
}

/// The next text frame, `None` once the hub has closed the connection.
pub(crate) async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        let message = timeout(PATIENCE, socket.next()).await.expect("in time");
        match message {
            Some(Ok(Message::Text(text))) => {
                return Some(serde_json::from_str(&text).expect("JSON"));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return None,
        }
    }
}

/// Reads on until the hub closes the connection. The close code, if it comes through.
pub(crate) async fn closed(socket: &mut Socket) -> Option<u16> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("in time") {
            Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

/// Subscribes a new connection. Returns the query that opens the client API to it.
async fn subscribe(socket: &mut Socket, channel: &str) -> String {
    let connected = next(socket).await.expect("greeted");
    assert_eq!(connected["event"], "hotsock.connected");
    let text = |key: &str| connected["data"][key].as_str().expect("text").to_owned();
    let (id, secret) = (text("connectionId"), text("connectionSecret"));
    let subscribe = json!({"event": "hotsock.subscribe", "channel": channel});
    let frame = Message::text(subscribe.to_string());
    socket.send(frame).await.expect("connected");
    let subscribed = next(socket).await.expect("answered");
    assert_eq!(subscribed["event"], "hotsock.subscribed", "{subscribed}");
    format!("connectionId={id}&connectionSecret={secret}")
}

async fn connect(address: SocketAddr, from: IpAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    // So that it is soon full if nobody reads.
    socket.set_recv_buffer_size(16 * 1024).expect("set");
    socket.bind((from, 0).into()).expect("bound");
    socket.connect(address).await.expect("connected")
}

/// Connects; the error is the handshake's status, 0 if there is none.
async fn open(address: SocketAddr, from: IpAddr, token: &str) -> Result<Socket, u16> {
    let stream = connect(address, from).await;
    match client_async(format!("ws://{address}/v1?token={token}"), stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(_) => Err(0),
    }
}

/// Publishes numbered messages until it is told to stop. Returns how many.
async fn publish(
    address: SocketAddr,
    published: Arc<AtomicU64>,
    mut stopped: tokio::sync::oneshot::Receiver<()>,
) -> u64 {
    let mut stream = connect(address, HOME).await;
    let mut number = 0;
    loop {
        let last = stopped.try_recv().is_ok();
        let event = if last { "last" } else { "e" };
        let message = json!({"channel": "dashboard", "event": event, "data": number});
        let key = format!("authorization: Bearer {API_KEY}\r\n");
        let request = request("POST /publish", &key, &message.to_string());
        stream.write_all(request.as_bytes()).await.expect("sent");
        let (status, body) = read_answer(&mut stream).await.expect("an answer");
        assert_eq!(status, 202, "{body}");
        number += 1;
        published.store(number, Ordering::Relaxed);
        if last {
            return number;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Receives numbered messages until the last. Returns how many.
async fn watch(mut viewer: Socket) -> u64 {
    let mut number = 0;
    loop {
        let message = next(&mut viewer).await.expect("still connected");
        assert_eq!(message["data"], number, "{message}");
        number += 1;
        if message["event"] == "last" {
            return number;
        }
    }
}
