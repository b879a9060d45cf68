//! Alerts that the hub raises and resolves itself: by thresholds, and when nothing arrives.

use std::path::Path;
use std::sync::Arc;

use live_dashboard_hub::sources::{SourceKind, run};
use live_dashboard_protocol::name::ChannelName;
use serde_json::{Value, json};

use crate::declared_sources::{hub, write};
use crate::engine_contract::until;
use crate::lister::Lister;
use crate::program::{program, start};
use crate::redis_server::RedisServer;
use crate::support::{API_KEY, Client, TestHub, viewer};

const LAYOUT: &str = r#"
title = "Operations"
stale_after = "1m"

[[stat]]
key = "errorRate"
label = "Error rate"
format = "percent"
better = "lower"
warning = 0.02
critical = 0.05
alert = true

[[status]]
items = [{ key = "db", label = "Database" }]
"#;

const RAISED: &str = r#"alerts_raised_total{dashboard="ops",kind="threshold"}"#;
const SILENT: &str = r#"alerts_raised_total{dashboard="ops",kind="no_data"}"#;

async fn publish(hub: &TestHub, data: Value) {
    let message = json!({"channel": "dashboard-ops", "event": "stats-update", "data": data});
    let (status, answer) = hub.publish(message).await;
    assert_eq!(status, 202, "{answer}");
}

/// The data of the viewer's next alert.
async fn next_alert(viewer: &mut Client) -> Value {
    loop {
        let frame = viewer.next().await;
        if frame["event"] == "alert" {
            return frame["data"].clone();
        }
    }
}

/// What matters of an alert: key, level, status, text.
fn told(alert: &Value) -> [&str; 4] {
    ["key", "level", "status", "message"].map(|field| alert[field].as_str().expect("text"))
}

/// The stored alerts of a channel, oldest first.
async fn stored(hub: &TestHub, channel: &str) -> Vec<Value> {
    let mut claims = viewer(channel);
    claims["channels"][channel]["historyStart"] = json!(0);
    let mut lister = Lister::connect(hub, claims).await;
    lister.subscribe(channel).await;
    let alerts = json!({"channel": channel, "event": "alert"});
    lister.data(hub, alerts).await
}

const KEY: &str = "threshold ops stat errorRate";

#[tokio::test]
async fn a_value_raises_updates_and_resolves_an_alert() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), LAYOUT).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    publish(&hub, json!({"errorRate": 0.03})).await;
    let alert = next_alert(&mut viewer).await;
    let text = "Error rate is 3.0%, above 2.0%";
    assert_eq!(told(&alert), [KEY, "warning", "firing", text]);
    let started = alert["startsAt"].clone();
    publish(&hub, json!({"errorRate": 0.09})).await;
    let alert = next_alert(&mut viewer).await;
    assert_eq!(told(&alert)[..3], [KEY, "error", "firing"]);
    assert!(
        told(&alert)[3].starts_with("Error rate is 9.0%, above 5.0% for "),
        "{alert}"
    );
    publish(&hub, json!({"errorRate": "none", "db": "down"})).await;
    publish(&hub, json!({"errorRate": 0.001})).await;
    let alert = next_alert(&mut viewer).await;
    assert_eq!(told(&alert)[..3], [KEY, "info", "resolved"]);
    assert_eq!(alert["startsAt"], started);
    assert!(alert["endsAt"].is_string(), "{alert}");
    hub.until_metric(RAISED, 1).await;
}

#[tokio::test]
async fn nobody_needs_to_watch_and_values_may_be_pushed() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(
        directory.path(),
        &LAYOUT.replace("alert = true", "alert = true\nfor = \"1s\""),
    )
    .await;
    let request = reqwest::Client::new().post(hub.url("/push/ops"));
    let answer = request
        .bearer_auth(API_KEY)
        .body("errorRate 0.5")
        .send()
        .await;
    assert_eq!(answer.expect("an answer").status(), 202);
    hub.until_metric(RAISED, 1).await;
    let alerts = stored(&hub, "dashboard-ops").await;
    assert_eq!(alerts.len(), 1);
    let text = "Error rate is 50.0%, above 5.0% for 1 s";
    assert_eq!(told(&alerts[0]), [KEY, "error", "firing", text]);
    assert_eq!(hub.count("dashboard-ops").await, 0, "the hub is no viewer");
}

#[tokio::test]
async fn pages_are_not_told_of_the_keys() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = format!("no_data_alert = 3\n{LAYOUT}for = \"1m\"\nhysteresis = 0.1\nalert = true");
    let hub = hub(directory.path(), &text).await;
    let request = reqwest::Client::new().post(hub.url("/live-dashboard"));
    let answer = request.body(r#"{"dashboard":"ops"}"#).send().await;
    let grant: Value = answer.expect("an answer").json().await.expect("JSON");
    let layout = grant["layout"].to_string();
    for key in ["\"alert\"", "\"for\"", "hysteresis", "no_data_alert"] {
        assert!(!layout.contains(key), "{layout}");
    }
}

#[tokio::test]
async fn a_source_reads_while_something_alerts_by_its_values() {
    let directory = tempfile::tempdir().expect("a directory");
    let source = r#"
title = "Machine"
channel = "machine"
[[source]]
kind = "system"
interval = "1s"
[[stat]]
key = "memoryTotal"
label = "Memory"
"#;
    std::fs::write(directory.path().join("machine.toml"), source).expect("written");
    // The dashboard that alerts is another one.
    let text = r#"
title = "Operations"
[[gauge]]
title = "Memory"
key = "memoryTotal"
channel = "machine"
better = "lower"
critical = 1
alert = true
"#;
    let hub = hub(directory.path(), text).await;
    hub.until_metric(RAISED, 1).await;
    let alerts = stored(&hub, "dashboard-ops").await;
    assert_eq!(
        told(&alerts[0])[0],
        "threshold ops gauge machine#memoryTotal"
    );
}

#[tokio::test]
async fn the_default_dashboard_s_source_needs_no_viewer_either() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = r#"
title = "Default"
[[stat]]
key = "activeUsers"
label = "Users"
better = "higher"
critical = 1
alert = true
"#;
    let path = directory.path().to_owned();
    std::fs::write(path.join("default.toml"), text).expect("written");
    let hub = TestHub::with(|options| options.dashboards = Some(path)).await;
    let channel = ChannelName::new("dashboard").expect("valid");
    let source = tokio::spawn(run(SourceKind::Own, Arc::clone(&hub.hub), channel));
    hub.until_metric(&RAISED.replace("ops", "default"), 1).await;
    source.abort();
}

#[tokio::test]
async fn if_nothing_arrives_there_is_an_alert_until_something_does() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "title = \"Operations\"\nstale_after = \"1s\"\nno_data_alert = 2\n";
    let hub = hub(directory.path(), text).await;
    hub.until_metric(SILENT, 1).await;
    let alerts = stored(&hub, "dashboard-ops").await;
    assert_eq!(told(&alerts[0])[..3], ["no data ops", "error", "firing"]);
    let text = told(&alerts[0])[3].to_owned();
    assert!(text.starts_with("No data from Operations for "), "{text}");
    let mut viewer = hub.subscribed("dashboard-ops").await;
    publish(&hub, json!({"any": 1})).await;
    let alert = next_alert(&mut viewer).await;
    assert_eq!(told(&alert)[..3], ["no data ops", "info", "resolved"]);
    let again = next_alert(&mut viewer).await;
    assert_eq!(told(&again)[2], "firing");
    assert!(
        again["startsAt"].as_str() > alert["startsAt"].as_str(),
        "{again}"
    );
}

#[tokio::test]
async fn what_a_file_no_longer_has_is_resolved() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), LAYOUT).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    publish(&hub, json!({"errorRate": 0.09})).await;
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "firing");
    write(directory.path(), &LAYOUT.replace("alert = true", ""));
    let alert = next_alert(&mut viewer).await;
    let text = "No longer watched: Error rate is 9.0%, above 5.0%";
    assert_eq!(told(&alert), [KEY, "info", "resolved", text]);
    // The latest value is stored.
    write(directory.path(), LAYOUT);
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "firing");
    std::fs::remove_file(directory.path().join("ops.toml")).expect("removed");
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "resolved");
}

#[tokio::test]
async fn other_thresholds_judge_the_latest_value_also_without_a_history() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), LAYOUT);
    let path = directory.path().to_owned();
    let hub = TestHub::with(|options| {
        options.dashboards = Some(path);
        options.history = Some("0".into());
    })
    .await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    publish(&hub, json!({"errorRate": 0.09})).await;
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "firing");
    let text = LAYOUT.replace("0.02", "0.5").replace("0.05", "0.9");
    write(directory.path(), &text);
    let alert = next_alert(&mut viewer).await;
    let text = "Error rate is 9.0%, no longer above 50.0%";
    assert!(told(&alert)[3].starts_with(text), "{alert}");
}

#[tokio::test]
async fn a_moved_dashboard_resolves_on_the_channel_where_it_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), LAYOUT).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    publish(&hub, json!({"errorRate": 0.09})).await;
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "firing");
    write(directory.path(), &format!("channel = \"moved\"\n{LAYOUT}"));
    assert_eq!(told(&next_alert(&mut viewer).await)[2], "resolved");
}

/// Publishes with the program, as a script does.
fn publish_by_program(data: &Path, address: &str, values: &str) {
    let arguments = ["publish", "--hub", address, "--channel", "dashboard-ops"];
    let mut command = program(data, &arguments);
    command.args(["--event", "stats-update", "--data", values]);
    let output = command.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The alerts that a page sees when it opens, oldest first.
async fn alerts_of(address: &str) -> Vec<Value> {
    let http = reqwest::Client::new();
    let request = http.post(format!("{address}/live-dashboard"));
    let answer = request.body(r#"{"dashboard":"ops"}"#).send().await;
    let grant: Value = answer.expect("an answer").json().await.expect("JSON");
    let token = grant["token"].as_str().expect("a token");
    let socket = address.trim_start_matches("http://").parse();
    let client = Client::open(socket.expect("an address"), token).await;
    let mut lister = Lister::greeted(client.expect("accepted")).await;
    lister.subscribe("dashboard-ops").await;
    let query: Vec<_> = lister
        .query
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let url = format!("{address}/connection/listMessages?{}", query.join("&"));
    let body = json!({"channel": "dashboard-ops", "event": "alert"}).to_string();
    let answer = http.post(url).body(body).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    let messages = answer["messages"].as_array().expect("messages").iter();
    messages.map(|message| message["data"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_hub_goes_on_where_it_was() {
    let data = tempfile::tempdir().expect("a directory");
    let layouts = data.path().join("dashboards");
    std::fs::create_dir(&layouts).expect("made");
    write(&layouts, LAYOUT);
    let (mut child, address) = start(data.path(), &[]);
    publish_by_program(data.path(), &address, r#"{"errorRate": 0.09}"#);
    until("it fires", async || alerts_of(&address).await.len() == 1).await;
    child.kill().expect("killed");
    let _ = child.wait();
    let (mut child, address) = start(data.path(), &[]);
    // Bad as before, and not good enough: nothing changes.
    publish_by_program(data.path(), &address, r#"{"errorRate": 0.091}"#);
    publish_by_program(data.path(), &address, r#"{"errorRate": 0.049}"#);
    publish_by_program(data.path(), &address, r#"{"errorRate": 0.001}"#);
    until("it is resolved", async || {
        let alerts = alerts_of(&address).await;
        alerts
            .last()
            .is_some_and(|last| last["status"] == "resolved")
    })
    .await;
    let alerts = alerts_of(&address).await;
    publish_by_program(data.path(), &address, r#"{"errorRate": 0.09}"#);
    until("it fires", async || alerts_of(&address).await.len() == 3).await;
    child.kill().expect("killed");
    let _ = child.wait();
    // It does not alert any more.
    write(&layouts, &LAYOUT.replace("alert = true", ""));
    let (mut child, address) = start(data.path(), &[]);
    until("it is resolved", async || {
        let alerts = alerts_of(&address).await;
        alerts
            .last()
            .is_some_and(|last| last["status"] == "resolved")
    })
    .await;
    child.kill().expect("killed");
    let _ = child.wait();
    let statuses: Vec<_> = alerts.iter().map(|alert| &alert["status"]).collect();
    assert_eq!(statuses, ["firing", "resolved"]);
    assert_eq!(alerts[0]["startsAt"], alerts[1]["startsAt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hubs_one_tells_and_the_other_follows_when_it_is_gone() {
    // So many that the hubs would get into each other's way.
    let items: Vec<_> = (0..40).map(|n| format!("{{ key = \"k{n}\" }}")).collect();
    let items = items.join(", ");
    let text = format!("title = \"T\"\n[[status]]\nalert = true\nitems = [{items}]\n");
    let all = |state: &str| {
        let states = (0..40).map(|n| (format!("k{n}"), json!(state)));
        Value::Object(states.collect())
    };
    let redis = RedisServer::start();
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), &text);
    let start = async || {
        let (engine, path) = (redis.url(), directory.path().to_owned());
        let hub = TestHub::with(|options| {
            options.engine = Some(engine);
            options.dashboards = Some(path);
        })
        .await;
        let url = hub.url("/readyz");
        until("the hub is ready", async || {
            let answer = reqwest::get(&url).await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        hub
    };
    let [first, second] = [start().await, start().await];
    publish(&first, all("down")).await;
    let number = async |hub: &TestHub, name: &str| {
        let metrics = hub.metrics().await;
        let line = metrics.lines().find(|line| line.contains(name));
        line.map_or(0, |line| {
            let count = line.rsplit(' ').next().expect("a count");
            count.parse::<u64>().expect("a number")
        })
    };
    let raised = async |hub: &TestHub| number(hub, RAISED).await;
    until("all are raised", async || {
        raised(&first).await + raised(&second).await >= 40
    })
    .await;
    let (leader, other) = match raised(&first).await {
        0 => (second, first),
        _ => (first, second),
    };
    assert_eq!((raised(&leader).await, raised(&other).await), (40, 0));
    // By now both listen.
    const PUBLISHED: &str = "messages_published_total";
    let before = number(&other, PUBLISHED).await;
    let mut viewer = other.subscribed("dashboard-ops").await;
    publish(&other, all("up")).await;
    for _ in 0..40 {
        assert_eq!(told(&next_alert(&mut viewer).await)[2], "resolved");
    }
    leader.stop().await;
    publish(&other, all("down")).await;
    for _ in 0..40 {
        assert_eq!(told(&next_alert(&mut viewer).await)[2], "firing");
    }
    assert_eq!(raised(&other).await, 40);
    // The values twice, and what it has raised alone.
    assert_eq!(number(&other, PUBLISHED).await, before + 2 + 40);
}
