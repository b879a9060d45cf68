//! The example with Prometheus: its files, with other ports, in Debian's Prometheus,
//! Alertmanager and exporter.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::redis_server::free_port;
use crate::support::{API_KEY, Client, TestHub};

const LAYOUT: &str = include_str!("../../../../examples/prometheus/machine.toml");
const RULES: &str = include_str!("../../../../examples/prometheus/rules.yml");
const ALERTMANAGER: &str = include_str!("../../../../examples/prometheus/alertmanager.yml");

/// A limit for what takes the programs a few of their intervals.
const MINUTE: Duration = Duration::from_secs(60);
/// The longest life of a program, also if the test is killed.
const LIFETIME: &str = "180";

/// A program that runs until it is dropped.
pub(crate) struct Program(Child);

impl Program {
    pub(crate) fn start(name: &str, directory: &Path, arguments: &[String]) -> Self {
        let child = Command::new("timeout")
            .args([LIFETIME, name])
            .args(arguments)
            .current_dir(directory)
            .stdout(fs::File::create(directory.join(format!("{name}.log"))).expect("created"))
            .stderr(std::process::Stdio::null())
            .spawn();
        Self(child.expect("coreutils"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // `timeout` passes it on.
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.0.wait();
    }
}

fn exporter(directory: &Path, port: u16) -> Program {
    let arguments = [
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--collector.disable-defaults".into(),
        "--collector.loadavg".into(),
        "--collector.cpu".into(),
    ];
    Program::start("prometheus-node-exporter", directory, &arguments)
}

pub(crate) fn installed(name: &str) {
    let runs = Command::new(name).arg("--version").output();
    assert!(
        runs.is_ok(),
        "{name} is installed: on Debian, the package of this name"
    );
}

/// The text with each of `pairs` replaced, which it must have.
fn with(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (theirs, ours) in pairs {
        assert!(text.contains(theirs), "{theirs} is not in the example");
        text = text.replace(theirs, ours);
    }
    text
}

/// The data of the next message of this event that `wanted` accepts.
async fn next(viewer: &mut Client, event: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let frame = timeout(MINUTE, viewer.next()).await.expect("a message");
            if frame["event"] == event && wanted(&frame["data"]) {
                return frame["data"].clone();
            }
        }
    };
    timeout(MINUTE, wait).await.expect("within a minute")
}

fn status<'a>(key: &'a str, status: &'a str) -> impl Fn(&Value) -> bool {
    move |data| data["status"] == status && data["key"].as_str().is_some_and(|it| it.contains(key))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_on_the_page_and_a_stopped_exporter_raises_alerts() {
    for name in [
        "prometheus",
        "prometheus-node-exporter",
        "prometheus-alertmanager",
    ] {
        installed(name);
    }
    assert!(LAYOUT.lines().count() <= 20, "the example is short");
    let files: TempDir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| files.path().join(name);
    let write = |name: &str, text: &str| fs::write(file(name), text).expect("written");
    let [exporter_port, prometheus_port, alertmanager_port] =
        [free_port(), free_port(), free_port()];

    // The example's dashboard, and one that reads from the exporter itself.
    let layouts = file("dashboards");
    fs::create_dir(&layouts).expect("made");
    let address = format!("127.0.0.1:{prometheus_port}");
    let layout = with(LAYOUT, &[("127.0.0.1:9090", &address)]);
    fs::write(layouts.join("machine.toml"), layout).expect("written");
    let direct = format!(
        "title = \"Direct\"\nstat = [{{ key = \"load\", label = \"L\" }}, {{ key = \"busy\", label = \"B\" }}]\n\
         [[source]]\nkind = \"scrape\"\ninterval = \"1s\"\nurl = \"http://127.0.0.1:{exporter_port}/metrics\"\n\
         [source.query]\nload = \"node_load1\"\nbusy = 'sum(node_cpu_seconds_total{{mode!=\"idle\"}})'\n"
    );
    fs::write(layouts.join("direct.toml"), direct).expect("written");
    let hub = TestHub::with(|options| options.dashboards = Some(layouts)).await;

    write("rules.yml", RULES);
    let hub_address = hub.address.to_string();
    let alertmanager = with(
        ALERTMANAGER,
        &[("127.0.0.1:8400", &hub_address), ("KEY", API_KEY)],
    );
    write("alertmanager.yml", &alertmanager);
    let prometheus = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
         rule_files: [rules.yml]\n\
         alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['127.0.0.1:{alertmanager_port}'] }}] }}] }}\n\
         scrape_configs: [{{ job_name: node, static_configs: [{{ targets: ['127.0.0.1:{exporter_port}'] }}] }}]\n"
    );
    write("prometheus.yml", &prometheus);
    // Before Prometheus, so that it is not taken for stopped.
    let running = exporter(files.path(), exporter_port);
    let listening = async {
        while TcpStream::connect(("127.0.0.1", exporter_port))
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(MINUTE, listening)
        .await
        .expect("the exporter listens");
    let _alertmanager = Program::start(
        "prometheus-alertmanager",
        files.path(),
        &[
            "--config.file=alertmanager.yml".into(),
            "--storage.path=alerts".into(),
            format!("--web.listen-address=127.0.0.1:{alertmanager_port}"),
            "--cluster.listen-address=".into(),
        ],
    );
    let _prometheus = Program::start(
        "prometheus",
        files.path(),
        &[
            "--config.file=prometheus.yml".into(),
            "--storage.tsdb.path=metrics".into(),
            format!("--web.listen-address={address}"),
        ],
    );
    let mut machine = hub.subscribed("dashboard-machine").await;
    let mut direct = hub.subscribed("dashboard-direct").await;
    let is_number =
        |key: &'static str| move |data: &Value| data[key].as_f64().is_some_and(|it| it >= 0.0);
    next(&mut machine, "stats-update", is_number("load")).await;
    next(&mut machine, "chart-data", is_number("load")).await;
    next(&mut machine, "stats-update", is_number("cpu")).await;
    next(&mut direct, "stats-update", is_number("load")).await;
    next(&mut direct, "stats-update", is_number("busy")).await;

    drop(running);
    let down = next(&mut machine, "alert", status("", "firing")).await;
    if down["key"]
        .as_str()
        .is_some_and(|key| key.starts_with("source"))
    {
        panic!("Prometheus answers: {down}");
    }
    let message = down["message"].as_str().expect("text");
    assert!(message.starts_with("node on 127.0.0.1:"), "{message}");
    assert_eq!(down["level"], "error");
    let key = down["key"].as_str().expect("a key").to_owned();
    let gone = next(
        &mut direct,
        "alert",
        status("source direct 1 scrape", "firing"),
    )
    .await;
    let message = gone["message"].as_str().expect("text");
    assert!(message.ends_with("connection refused"), "{message}");

    let _running = exporter(files.path(), exporter_port);
    next(&mut machine, "alert", status(&key, "resolved")).await;
    next(
        &mut direct,
        "alert",
        status("source direct 1 scrape", "resolved"),
    )
    .await;
}
