//! Notifiers of the real program, which ends in the middle of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use axum::response::IntoResponse;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use super::inbox::Inbox;
use super::{CHANNEL, firing, texts, webhook, write};
use crate::program::{program, terminate};
use crate::redis_server::RedisServer;
use crate::support::{API_KEY, PATIENCE, SIGNING_KEY};

/// A hub's process, with the dashboard `ops`. It ends when it is dropped.
struct Hub {
    process: Child,
    address: String,
}

impl Hub {
    fn start(data: &Path, dashboards: &Path, engine: &str) -> Self {
        let dashboards = dashboards.to_str().expect("text");
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--dashboards",
            dashboards,
        ];
        let mut process = program(data, &arguments)
            .env("LIVE_DASHBOARD_ENGINE", engine)
            .env("LIVE_DASHBOARD_API_KEYS", API_KEY)
            .env("LIVE_DASHBOARD_SIGNING_KEY", SIGNING_KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.as_mut().expect("piped"));
        output.read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ");
        Self {
            address: address.expect("says where").to_owned(),
            process,
        }
    }

    async fn publish(&self, alert: Value) {
        let body = json!({"channel": CHANNEL, "event": "alert", "store": 3600, "data": alert});
        let request = reqwest::Client::new().post(format!("{}/publish", self.address));
        let request = request.bearer_auth(API_KEY).body(body.to_string());
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 202);
    }

    /// The text of `/metrics`.
    async fn metrics(&self) -> String {
        let answer = reqwest::get(format!("{}/metrics", self.address)).await;
        answer.expect("an answer").text().await.expect("text")
    }

    /// Waits until a metric of the dashboard's notifiers has at least this value.
    async fn until(&self, metric: &str, least: u64) {
        let wait = async {
            loop {
                let metrics = self.metrics().await;
                let mut lines = metrics.lines().filter_map(|line| line.rsplit_once(' '));
                let found = lines.find(|(name, _)| *name == format!("live_dashboard_{metric}"));
                if found.is_some_and(|(_, value)| value.parse::<u64>().is_ok_and(|it| it >= least))
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.expect(metric);
    }

    fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("it ended");
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const SENT: &str = r#"notifications_total{dashboard="ops",kind="webhook",result="sent"}"#;
const FAILED: &str = r#"notifications_total{dashboard="ops",kind="webhook",result="failed"}"#;

struct Bench {
    data: TempDir,
    dashboards: TempDir,
}

impl Bench {
    fn new(notifiers: &str) -> Self {
        let directory = || tempfile::tempdir().expect("a directory");
        let bench = Self {
            data: directory(),
            dashboards: directory(),
        };
        write(bench.dashboards.path(), notifiers);
        bench
    }

    fn start(&self) -> Hub {
        Hub::start(self.data.path(), self.dashboards.path(), "embedded")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_before_the_next_try_tells_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let table = super::notifier("webhook", &format!("url = \"http://{address}/hook\""));
    let bench = Bench::new(&table);
    let hub = bench.start();
    hub.publish(firing("a", "error", "first")).await;
    hub.until(FAILED, 1).await;
    hub.publish(firing("b", "error", "second")).await;
    hub.until(FAILED, 2).await;
    hub.kill();

    let listener = TcpListener::bind(address).await.expect("still free");
    let mut inbox = Inbox::on(listener);
    let hub = bench.start();
    let body = inbox.next().await.body;
    assert_eq!(
        (texts(&body), &body["repeated"]),
        (vec!["first"], &json!(false))
    );
    let body = inbox.next().await.body;
    assert_eq!(
        (texts(&body), &body["repeated"]),
        (vec!["second"], &json!(false))
    );
    hub.until(SENT, 2).await;
    hub.kill();

    let hub = bench.start();
    hub.publish(firing("a", "error", "still")).await;
    hub.publish(firing("c", "error", "third")).await;
    assert_eq!(texts(&inbox.next().await.body), ["third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_while_it_sends_says_that_it_repeats() {
    let mut inbox = Inbox::start().await;
    inbox.answer_by(|| None);
    let bench = Bench::new(&webhook(&inbox));
    let hub = bench.start();
    hub.publish(firing("a", "error", "first")).await;
    let first = inbox.next().await.body;
    assert_eq!(first["repeated"], false);
    hub.kill();

    inbox.answer(200);
    let hub = bench.start();
    let mut again = inbox.next().await.body;
    assert_eq!(again["summary"], "Error: first (repeated)");
    assert_eq!(again["repeated"].take(), true);
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["alerts"], first["alerts"]);
    hub.until(SENT, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_stops_finishes_what_it_sends() {
    let mut inbox = Inbox::start().await;
    let bench = Bench::new(&webhook(&inbox));
    let mut hub = bench.start();
    // While the hub waits for the answer, it is asked to stop.
    let process = hub.process.id().to_string();
    inbox.answer_by(move || {
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &process])
            .status();
        assert!(sent.expect("kill runs").success());
        std::thread::sleep(Duration::from_millis(500));
        Some(().into_response())
    });
    hub.publish(firing("a", "error", "first")).await;
    assert_eq!(inbox.next().await.body["repeated"], false);
    assert!(hub.process.wait().expect("ended").success());
    inbox.answer(200);
    let hub = bench.start();
    hub.publish(firing("b", "error", "second")).await;
    let body = inbox.next().await.body;
    assert_eq!(
        (texts(&body), &body["repeated"]),
        (vec!["second"], &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_that_were_stored_meanwhile_are_told() {
    let mut inbox = Inbox::start().await;
    let bench = Bench::new(&webhook(&inbox));
    let mut hub = bench.start();
    hub.publish(firing("a", "error", "before")).await;
    inbox.next().await;
    hub.until(SENT, 1).await;
    terminate(&hub.process);
    assert!(hub.process.wait().expect("ended").success());
    // As if the hub was killed before it considered the alert.
    write(bench.dashboards.path(), "");
    let mut hub = bench.start();
    hub.publish(firing("b", "error", "meanwhile")).await;
    terminate(&hub.process);
    assert!(hub.process.wait().expect("ended").success());
    write(bench.dashboards.path(), &webhook(&inbox));
    let _hub = bench.start();
    assert_eq!(texts(&inbox.next().await.body), ["meanwhile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hubs_one_tells_and_the_other_takes_over() {
    let redis = RedisServer::start();
    let mut inbox = Inbox::start().await;
    let bench = Bench::new(&webhook(&inbox));
    let data = tempfile::tempdir().expect("a directory");
    let hubs = [
        Hub::start(bench.data.path(), bench.dashboards.path(), &redis.url()),
        Hub::start(data.path(), bench.dashboards.path(), &redis.url()),
    ];
    let is_leader = async |hub: &Hub| hub.metrics().await.contains("notifications_total{");
    // Longer than it takes the second hub to try.
    for n in 0..6 {
        let text = n.to_string();
        hubs[n % 2].publish(firing(&text, "error", &text)).await;
        assert_eq!(texts(&inbox.next().await.body), [text]);
    }
    let [first, second] = hubs;
    let (leader, other) = match is_leader(&first).await {
        true => (first, second),
        false => (second, first),
    };
    assert!(!is_leader(&other).await, "one of them tells");
    leader.until(SENT, 6).await;
    leader.kill();
    other.publish(firing("0", "error", "known")).await;
    other.publish(firing("new", "error", "new")).await;
    // The lease of the other must end first.
    let post = timeout(2 * PATIENCE, async {
        while inbox.is_empty() {
            sleep(Duration::from_millis(50)).await;
        }
        inbox.next().await
    });
    let body = post.await.expect("it takes over").body;
    assert_eq!(
        (texts(&body), &body["repeated"]),
        (vec!["new"], &json!(false))
    );
}
