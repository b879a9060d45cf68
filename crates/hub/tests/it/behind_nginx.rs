//! The example behind nginx: its configuration, with other ports and files, in a real nginx.

use std::fs;
use std::path::Path;

use futures_util::{SinkExt, StreamExt};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::certificate::TestCertificate;
use crate::nginx::{Nginx, replaced};
use crate::redis_server::free_port;
use crate::support::{API_KEY, PATIENCE, TestHub};

const EXAMPLE: &str = include_str!("../../../../examples/behind-nginx/nginx.conf");
const NAME: &str = "dash.example";
const PASSWORD: &str = "correct horse";

/// A hub, and an nginx in front of it until it is dropped.
struct Proxied {
    hub: TestHub,
    port: u16,
    certificate: TestCertificate,
    _nginx: Nginx,
    _files: TempDir,
}

impl Proxied {
    async fn start() -> Self {
        let port = free_port();
        let hub = TestHub::with(|options| {
            options.viewer_access = Some("proxy-header:x-forwarded-user".into());
            options.trusted_proxy = vec!["127.0.0.1".into()];
            options.public_origin = vec![format!("https://{NAME}:{port}")];
        })
        .await;
        let files = tempfile::tempdir().expect("a directory");
        let file = |name: &str| files.path().join(name);
        let certificate = TestCertificate::new(NAME);
        certificate.write(&file("cert.pem"), &file("key.pem"));
        write(&file("htpasswd"), &format!("alice:{{PLAIN}}{PASSWORD}\n"));
        let site = replaced(
            EXAMPLE,
            &[
                ("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl")),
                ("127.0.0.1:8400", &hub.address.to_string()),
                ("/etc/ssl/certs/dash.example.pem", &path(&file("cert.pem"))),
                ("/etc/ssl/private/dash.example.key", &path(&file("key.pem"))),
                (
                    "/etc/nginx/live-dashboard.htpasswd",
                    &path(&file("htpasswd")),
                ),
            ],
        );
        Self {
            _nginx: Nginx::start(&site, files.path(), port).await,
            hub,
            port,
            certificate,
            _files: files,
        }
    }

    fn request(&self, path: &str) -> RequestBuilder {
        let client = self.certificate.client(self.port);
        let url = format!("https://{NAME}:{}{path}", self.port);
        client.post(url).header("origin", self.origin())
    }

    fn origin(&self) -> String {
        format!("https://{NAME}:{}", self.port)
    }

    /// Opens a WebSocket without a password.
    async fn connect(&self, token: &str) -> WebSocketStream<TlsStream<TcpStream>> {
        let socket = self.certificate.connect(self.port).await.expect("TLS");
        let url = format!("wss://{NAME}:{}/v1?token={token}", self.port);
        let mut request = url.into_client_request().expect("a request");
        let origin = self.origin().parse().expect("a value");
        request.headers_mut().insert("origin", origin);
        let (socket, _) = client_async(request, socket).await.expect("accepted");
        socket
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
}

fn path(path: &Path) -> String {
    path.to_str().expect("text").to_owned()
}

async fn next(client: &mut WebSocketStream<TlsStream<TcpStream>>) -> Value {
    let message = timeout(PATIENCE, client.next()).await.expect("in time");
    let message = message.expect("still connected").expect("a good frame");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

/// The status, and the token if there is one.
async fn ask(request: RequestBuilder) -> (StatusCode, Option<Value>) {
    let answer = request.body("{}").send().await.expect("an answer");
    let status = answer.status();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body.get("token").cloned())
}

#[tokio::test]
async fn a_password_gets_a_token_of_its_user_and_a_websocket() {
    let nginx = Proxied::start().await;
    for path in [
        "/",
        "/live-dashboard",
        "/dashboards",
        "/connection/listMessages",
    ] {
        let (status, _) = ask(nginx.request(path)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let as_alice = || {
        nginx
            .request("/live-dashboard")
            .basic_auth("alice", Some(PASSWORD))
    };
    let (status, token) = ask(as_alice()).await;
    assert_eq!(status, StatusCode::OK);
    let token = token.expect("a token");
    let mut client = nginx.connect(token.as_str().expect("text")).await;
    let first = next(&mut client).await;
    assert_eq!(first["meta"]["uid"], "alice");
    let subscribe = json!({"event": "hotsock.subscribe", "channel": "dashboard"});
    let sent = client.send(Message::text(subscribe.to_string())).await;
    sent.expect("still connected");
    assert_eq!(next(&mut client).await["event"], "hotsock.subscribed");
    let message = json!({"channel": "dashboard", "event": "stats-update", "data": 1});
    assert_eq!(nginx.hub.publish(message).await.0, 202);
    assert_eq!(next(&mut client).await["data"], 1);
}

#[tokio::test]
async fn a_forged_header_does_not_get_through() {
    let nginx = Proxied::start().await;
    for header in ["x-forwarded-user", "X-Forwarded-User", "x_forwarded_user"] {
        let forged = || nginx.request("/live-dashboard").header(header, "mallory");
        assert_eq!(ask(forged()).await.0, StatusCode::UNAUTHORIZED, "{header}");
        let wrong = forged().basic_auth("mallory", Some(PASSWORD));
        assert_eq!(ask(wrong).await.0, StatusCode::UNAUTHORIZED, "{header}");
        let (status, token) = ask(forged().basic_auth("alice", Some(PASSWORD))).await;
        assert_eq!(status, StatusCode::OK, "{header}");
        let mut client = nginx
            .connect(token.expect("a token").as_str().expect("text"))
            .await;
        assert_eq!(next(&mut client).await["meta"]["uid"], "alice", "{header}");
    }
    let rebound = nginx
        .request("/live-dashboard")
        .header("host", "evil.example");
    let (status, _) = ask(rebound.basic_auth("alice", Some(PASSWORD))).await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn the_hub_s_own_endpoints_are_not_on_the_internet() {
    let nginx = Proxied::start().await;
    for path in [
        "/publish",
        "/push/default",
        "/hooks/alertmanager",
        "/schedules",
        "/channels/dashboard",
        "/metrics",
    ] {
        let request = nginx.request(path).bearer_auth(API_KEY);
        assert_eq!(ask(request).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}
