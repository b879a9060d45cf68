//! The example of two hubs: two programs on one Redis, behind its nginx, with the settings of
//! its compose file.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::certificate::TestCertificate;
use crate::engine_contract::until;
use crate::lister::{Lister, list_at};
use crate::nginx::{Nginx, replaced};
use crate::program::{answer, program, terminate};
use crate::proxy::Proxy;
use crate::redis_server::{RedisServer, free_port};
use crate::support::{API_KEY, Client, PATIENCE, SIGNING_KEY, TestHub, sign, viewer};

const EXAMPLE: &str = include_str!("../../../../examples/two-hubs/nginx.conf");
const COMPOSE: &str = include_str!("../../../../examples/two-hubs/compose.yaml");

/// The compose file, as it is after its aliases have been replaced.
fn compose() -> Value {
    serde_yaml_ng::from_str(COMPOSE).expect("YAML")
}

/// Texts of a list in the compose file.
fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().into_iter().flatten();
    list.map(|item| item.as_str().expect("text")).collect()
}

/// A hub's process, which ends when it is dropped.
struct Hub {
    address: SocketAddr,
    process: Child,
    data: TempDir,
}

impl Hub {
    fn start(engine: &str) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let (process, address) = run(data.path(), engine, "127.0.0.1:0");
        Self {
            address,
            process,
            data,
        }
    }

    /// Starts it again on the same address, after it has ended.
    fn restart(&mut self, engine: &str) {
        let _ = self.process.wait();
        let address = self.address.to_string();
        (self.process, _) = run(self.data.path(), engine, &address);
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(data: &Path, engine: &str, listen: &str) -> (Child, SocketAddr) {
    let compose = compose();
    let settings = &compose["services"]["hub-1"]["environment"];
    let settings = settings.as_object().expect("settings").iter();
    let mut process = program(data, &["serve", "--listen", listen])
        .envs(settings.map(|(name, value)| (name, value.as_str().expect("text"))))
        .env("LIVE_DASHBOARD_ENGINE", engine)
        .env("LIVE_DASHBOARD_TRUSTED_PROXIES", "127.0.0.1")
        .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
        .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
        .env("LIVE_DASHBOARD_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let mut output = BufReader::new(process.stdout.as_mut().expect("piped"));
    output.read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://");
    let address = address.expect("says where").parse().expect("an address");
    (process, address)
}

/// The whole example.
struct Example {
    hubs: [Hub; 2],
    redis: RedisServer,
    viewers: SocketAddr,
    programs: SocketAddr,
    http: reqwest::Client,
    _nginx: Nginx,
    _files: TempDir,
}

impl Example {
    async fn start() -> Self {
        let compose = compose();
        let command = compose["services"]["redis"]["command"].as_str();
        let mut command = command.expect("a command").split(' ');
        assert_eq!(command.next(), Some("redis-server"));
        let redis = RedisServer::with(&command.collect::<Vec<_>>());
        let hubs = [Hub::start(&redis.url()), Hub::start(&redis.url())];
        let (viewers, programs) = (free_port(), free_port());
        let site = replaced(
            EXAMPLE,
            &[
                ("listen 8400", &format!("listen 127.0.0.1:{viewers}")),
                ("listen 8401", &format!("listen 127.0.0.1:{programs}")),
                ("hub-1:8400", &hubs[0].address.to_string()),
                ("hub-2:8400", &hubs[1].address.to_string()),
            ],
        );
        let files = tempfile::tempdir().expect("a directory");
        let nginx = Nginx::start(&site, files.path(), viewers).await;
        let example = Self {
            _nginx: nginx,
            hubs,
            redis,
            viewers: ([127, 0, 0, 1], viewers).into(),
            programs: ([127, 0, 0, 1], programs).into(),
            http: reqwest::Client::new(),
            _files: files,
        };
        for hub in &example.hubs {
            example.until_ready(hub.address).await;
        }
        example
    }

    async fn until_ready(&self, hub: SocketAddr) {
        let url = format!("http://{hub}/readyz");
        until("the hub is ready", async || {
            let answer = self.http.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// Publishes as `POST /publish` to `address`; the message's id, or the status.
    async fn publish(&self, address: SocketAddr, number: u64) -> Result<String, u16> {
        let message = json!({
            "channel": "dashboard", "event": "e", "data": number, "store": 60,
            "deduplicationId": number.to_string(), "eagerIdGeneration": true,
        });
        let request = self.http.post(format!("http://{address}/publish"));
        let answer = request
            .bearer_auth(API_KEY)
            .body(message.to_string())
            .send();
        let answer = answer.await.map_err(|_| 0_u16)?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.map_err(|_| status)?;
        body["id"].as_str().map(str::to_owned).ok_or(status)
    }

    async fn count(&self, hub: &Hub) -> u64 {
        let url = format!("http://{}/channels/dashboard", hub.address);
        let answer = self.http.get(url).bearer_auth(API_KEY).send().await;
        let body: Value = answer.expect("an answer").json().await.expect("JSON");
        body["subscriptionsCount"].as_u64().expect("a count")
    }
}

#[test]
fn the_compose_file_names_what_there_is() {
    let compose = compose();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/two-hubs");
    let services = compose["services"].as_object().expect("services");
    let data = tempfile::tempdir().expect("a directory");
    let (_, flags) = answer(data.path(), &["serve", "--help"]);
    for name in ["hub-1", "hub-2"] {
        let hub = &services[name];
        let settings = hub["environment"].as_object().expect("settings");
        for setting in settings.keys() {
            // Secrets are not given as flags.
            let mut words = flags.split(|c: char| !c.is_ascii_uppercase() && c != '_');
            let is_secret = setting.ends_with("_KEYS") || setting.ends_with("_KEY");
            assert!(is_secret || words.any(|word| word == setting), "{setting}");
        }
        let context = format!(
            "../../target/package/live-dashboard-hub-{}-x86_64-linux",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(hub["build"]["context"], json!(context));
        let file = hub["build"]["dockerfile"].as_str().expect("a file");
        assert!(directory.join("../../packaging/hub").join(file).is_file());
        assert!(EXAMPLE.contains(&format!("server {name}:8400 ")), "{name}");
    }
    let engine = &services["hub-1"]["environment"]["LIVE_DASHBOARD_ENGINE"];
    assert_eq!(engine, "redis://redis:6379");
    for (name, service) in services {
        for other in texts(&service["depends_on"]) {
            assert!(services.contains_key(other), "{name} depends on {other}");
        }
        for volume in texts(&service["volumes"]) {
            let (from, _) = volume.split_once(':').expect("two paths");
            let is_file = from.starts_with('.') && directory.join(from).is_file();
            assert!(
                is_file || compose["volumes"].get(from).is_some(),
                "{name}: {from}"
            );
        }
    }
    for port in texts(&services["nginx"]["ports"]) {
        let (_, inside) = port.rsplit_once(':').expect("two ports");
        assert!(EXAMPLE.contains(&format!("listen {inside};")), "{port}");
    }
    let subnet = &compose["networks"]["default"]["ipam"]["config"][0]["subnet"];
    let trusted = &services["hub-1"]["environment"]["LIVE_DASHBOARD_TRUSTED_PROXIES"];
    assert_eq!(subnet, trusted);
}

/// A subscribed viewer of a hub.
async fn watching(address: SocketAddr) -> Lister {
    let token = sign(viewer("dashboard"));
    let client = Client::open(address, &token).await.expect("accepted");
    let mut lister = Lister::greeted(client).await;
    lister.subscribe("dashboard").await;
    lister
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_hub_gets_holds_on_both() {
    let example = Example::start().await;
    let [one, other] = &example.hubs;
    let mut viewers = Vec::new();
    for address in [one.address, other.address, example.viewers, example.viewers] {
        viewers.push(watching(address).await);
    }
    for hub in &example.hubs {
        until("all are counted", async || example.count(hub).await == 4).await;
    }
    let mut ids = Vec::new();
    for number in 0..40 {
        let hub = &example.hubs[usize::from(number % 2 == 0)];
        ids.push(
            example
                .publish(hub.address, number)
                .await
                .expect("accepted"),
        );
    }
    assert!(ids.is_sorted());
    assert_eq!(
        example.publish(example.programs, 0).await,
        Ok(ids[0].clone())
    );
    for viewer in &mut viewers {
        for (number, id) in ids.iter().enumerate() {
            let frame = viewer.client.next_event("e").await;
            assert_eq!((&frame["id"], &frame["data"]), (&json!(id), &json!(number)));
        }
    }
    // Each hub lists for the other's connections.
    let body = json!({"channel": "dashboard"}).to_string();
    for (viewer, hub) in [(&viewers[0], other), (&viewers[1], one)] {
        let (status, listed) = list_at(hub.address, &viewer.query, body.clone()).await;
        assert_eq!(
            (status, listed["messages"].as_array().map(Vec::len)),
            (200, Some(40))
        );
    }
    let mut claims = viewer("dashboard");
    (claims["jti"], claims["singleUse"]) = (json!("once"), json!(true));
    let once = sign(claims);
    let _first = Client::open(one.address, &once).await.expect("accepted");
    let second = Client::open(other.address, &once).await;
    assert!(second.is_err(), "it is used on both");
}

/// A viewer that comes back whenever it is cut off, and asks for what it missed.
struct Follower {
    address: SocketAddr,
    last: Option<String>,
    numbers: Vec<u64>,
}

impl Follower {
    /// Follows until it has got `end`, and returns all that it got.
    async fn follow(mut self, end: u64) -> Vec<u64> {
        while self.numbers.last() != Some(&end) {
            // Until a hub answers.
            if self.watch(end).await.is_none() {
                sleep(Duration::from_millis(50)).await;
            }
        }
        self.numbers
    }

    /// Watches until the connection ends.
    async fn watch(&mut self, end: u64) -> Option<()> {
        let url = format!("http://{}/live-dashboard", self.address);
        let answer = reqwest::Client::new()
            .post(url)
            .body("{}")
            .send()
            .await
            .ok()?;
        let grant: Value = answer.json().await.ok()?;
        let token = grant["token"].as_str()?;
        let url = format!("ws://{}/v1?token={token}", self.address);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.ok()?;
        let mut client = Client { socket };
        let connected = frame(&mut client).await?;
        client
            .try_send(json!({"event": "hotsock.subscribe", "channel": "dashboard"}))
            .await?;
        while frame(&mut client).await?["event"] != "hotsock.subscribed" {}
        let text = |key: &str| {
            connected["data"][key]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let url = format!(
            "http://{}/connection/listMessages?connectionId={}&connectionSecret={}",
            self.address,
            text("connectionId"),
            text("connectionSecret")
        );
        loop {
            let body = json!({"channel": "dashboard", "after": self.last}).to_string();
            let answer = reqwest::Client::new().post(&url).body(body).send();
            let answer = answer.await.ok()?.error_for_status().ok()?;
            let page: Value = answer.json().await.ok()?;
            let messages = page["messages"].as_array()?;
            messages.iter().for_each(|message| self.take(message));
            if messages.is_empty() {
                break;
            }
        }
        while self.numbers.last() != Some(&end) {
            let message = frame(&mut client).await?;
            self.take(&message);
        }
        Some(())
    }

    fn take(&mut self, message: &Value) {
        let (Some(id), Some(number)) = (message["id"].as_str(), message["data"].as_u64()) else {
            return;
        };
        if self.last.as_deref().is_none_or(|last| last < id) {
            self.last = Some(id.to_owned());
            self.numbers.push(number);
        }
    }
}

async fn frame(client: &mut Client) -> Option<Value> {
    loop {
        match timeout(PATIENCE, client.socket.next()).await.ok()?? {
            Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            _ => return None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_die_and_restart_and_viewers_miss_nothing() {
    const END: u64 = 1_000_000;
    let mut example = Example::start().await;
    let engine = example.redis.url();
    let followers: Vec<_> = (0..4)
        .map(|_| {
            let follower = Follower {
                address: example.viewers,
                last: None,
                numbers: Vec::new(),
            };
            tokio::spawn(follower.follow(END))
        })
        .collect();
    let watching = async || example.count(&example.hubs[1]).await;
    until("all watch", async || watching().await == 4).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let published = Arc::new(AtomicU64::new(0));
    let publisher = {
        let (is_over, programs) = (Arc::clone(&is_over), example.programs);
        let published = Arc::clone(&published);
        let http = example.http.clone();
        tokio::spawn(async move {
            let mut number = 0;
            while !is_over.load(Ordering::SeqCst) {
                number += u64::from(accepted(&http, programs, number).await);
                published.store(number, Ordering::SeqCst);
                sleep(Duration::from_millis(2)).await;
            }
            while !accepted(&http, programs, END).await {}
            number
        })
    };
    let accepted_some = async || {
        let enough = published.load(Ordering::SeqCst) + 10;
        let is_enough = async || published.load(Ordering::SeqCst) >= enough;
        until("more is accepted", is_enough).await;
    };
    // One dies.
    accepted_some().await;
    example.hubs[0].process.kill().expect("killed");
    accepted_some().await;
    example.hubs[0].restart(&engine);
    example.until_ready(example.hubs[0].address).await;
    // A rolling restart: each viewer is cut off at least once.
    for index in 0..2 {
        accepted_some().await;
        terminate(&example.hubs[index].process);
        example.hubs[index].restart(&engine);
        example.until_ready(example.hubs[index].address).await;
    }
    is_over.store(true, Ordering::SeqCst);
    let count = publisher.await.expect("no panic");
    let all: Vec<u64> = (0..count).chain([END]).collect();
    for follower in followers {
        let followed = timeout(PATIENCE, follower).await.expect("in time");
        assert_eq!(followed.expect("no panic"), all);
    }
}

/// Publishes a number; whether it was accepted.
async fn accepted(http: &reqwest::Client, address: SocketAddr, number: u64) -> bool {
    let message = json!({
        "channel": "dashboard", "event": "e", "data": number, "store": 60,
        "deduplicationId": number.to_string(),
    });
    let request = http.post(format!("http://{address}/publish"));
    let answer = request
        .bearer_auth(API_KEY)
        .body(message.to_string())
        .send();
    answer.await.is_ok_and(|answer| answer.status() == 202)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_tls_is_known_by_its_certificate() {
    let files = tempfile::tempdir().expect("a directory");
    let file = |name: &str| files.path().join(name).display().to_string();
    let certificate = TestCertificate::new("localhost");
    certificate.write(Path::new(&file("cert.pem")), Path::new(&file("key.pem")));
    let port = free_port();
    let _redis = RedisServer::with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &file("cert.pem"),
        "--tls-key-file",
        &file("key.pem"),
        "--tls-ca-cert-file",
        &file("cert.pem"),
        "--tls-auth-clients",
        "no",
    ]);
    for (trusted, expected) in [(file("cert.pem"), 200), (file("none.pem"), 503)] {
        let data = tempfile::tempdir().expect("a directory");
        let mut command = program(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
        command.env("SSL_CERT_FILE", &trusted);
        command.env(
            "LIVE_DASHBOARD_ENGINE",
            format!("rediss://localhost:{port}"),
        );
        let mut hub = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        let mut output = BufReader::new(hub.stdout.as_mut().expect("piped"));
        output.read_line(&mut line).expect("a line");
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect("says where");
        let mut errors = BufReader::new(hub.stderr.take().expect("piped")).lines();
        let is_decided = |line: &str| {
            line.contains("connected to the engine") || line.contains("cannot reach the engine")
        };
        assert!(errors.any(|line| is_decided(&line.expect("text"))));
        let ready = reqwest::get(format!("{address}/readyz"))
            .await
            .expect("an answer");
        assert_eq!(ready.status(), expected, "{trusted}");
        hub.kill().expect("killed");
        hub.wait().expect("ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_stay_and_are_told_while_nothing_can_be_published() {
    let mut redis = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let hub = TestHub::with(|options| options.engine = Some(redis.url())).await;
    let is_ready = async || {
        let answer = reqwest::get(hub.url("/readyz")).await;
        answer.is_ok_and(|answer| answer.status() == 200)
    };
    until("it is ready", is_ready).await;
    let mut viewers = [hub.subscribed("c").await, hub.subscribed("d").await];
    let message = |on| json!({"channel": on, "event": "e", "store": 60});
    for times in 0..2 {
        redis.kill();
        for viewer in &mut viewers {
            let told = viewer.next_event("live-dashboard.interrupted").await;
            assert_eq!((&told["data"], &told["id"]), (&json!(true), &Value::Null));
        }
        let refused = reqwest::Client::new().post(hub.url("/publish"));
        let refused = refused.bearer_auth(API_KEY);
        let refused = refused.body(message("c").to_string()).send().await;
        let refused = refused.expect("an answer");
        assert_eq!(refused.status(), 503, "{times}");
        assert!(refused.headers().contains_key("retry-after"));
        redis.restart();
        for (viewer, channel) in viewers.iter_mut().zip(["c", "d"]) {
            let told = viewer.next_event("live-dashboard.interrupted").await;
            assert_eq!(
                (&told["data"], &told["channel"]),
                (&json!(false), &json!(channel))
            );
            assert_eq!(hub.publish(message(channel)).await.0, 202);
            viewer.next_event("e").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_of_a_hub_that_missed_messages_are_asked_to_come_back() {
    let redis = RedisServer::start();
    let proxy = Proxy::to(redis.port).await;
    let cut_off = TestHub::with(|options| {
        options.engine = Some(format!("redis://{}", proxy.address));
    })
    .await;
    let direct = TestHub::with(|options| options.engine = Some(redis.url())).await;
    for hub in [&cut_off, &direct] {
        let is_ready = async || {
            let answer = reqwest::get(hub.url("/readyz")).await;
            answer.is_ok_and(|answer| answer.status() == 200)
        };
        until("it is ready", is_ready).await;
    }
    let mut viewer = cut_off.subscribed("c").await;
    let mut other = direct.subscribed("c").await;
    proxy.cut(true);
    let message = json!({"channel": "c", "event": "e", "store": 0});
    assert_eq!(direct.publish(message.clone()).await.0, 202);
    other.next_event("e").await;
    // Nobody waits for a server that does not answer.
    until("it says so", async || {
        let (status, body) = cut_off.publish(message.clone()).await;
        (status, &body["error"]["code"]) == (503, &json!("ENGINE_UNAVAILABLE"))
    })
    .await;
    proxy.cut(false);
    assert_eq!(viewer.closed().await, 1013);
    until("it is counted", async || {
        cut_off
            .metrics()
            .await
            .contains("live_dashboard_gaps_total 1\n")
    })
    .await;
    other.send(json!({"event": "hotsock.ping"})).await;
    other.next_event("hotsock.pong").await;
}
