//! Sources that dashboards declare: when they read, and what of a file's change they
//! notice.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{Client, PATIENCE, TestHub};

const MEMORY: &str = r#"
title = "Operations"
[[source]]
kind = "system"
interval = "1s"
[[stat]]
key = "memoryTotal"
label = "Memory"
"#;

pub(crate) fn write(directory: &Path, text: &str) {
    std::fs::write(directory.join("ops.toml"), text).expect("written");
}

/// A hub with the dashboard `ops`.
pub(crate) async fn hub(directory: &Path, text: &str) -> TestHub {
    write(directory, text);
    TestHub::with(|options| options.dashboards = Some(directory.to_owned())).await
}

/// The answer of the token endpoint for a dashboard.
async fn grant(hub: &TestHub, dashboard: &str) -> Value {
    let request = reqwest::Client::new().post(hub.url("/live-dashboard"));
    let answer = request
        .body(json!({"dashboard": dashboard}).to_string())
        .send();
    let answer = answer.await.expect("an answer");
    answer.json().await.expect("JSON")
}

/// The next frame of an event. The machine of the test may raise alerts.
async fn next(viewer: &mut Client, event: &str) -> Value {
    loop {
        let frame = viewer.next().await;
        if frame["event"] == event {
            return frame;
        }
    }
}

#[tokio::test]
async fn the_machine_s_numbers_need_no_file() {
    let hub = TestHub::with(|options| options.source = vec!["system".into()]).await;
    let machine = grant(&hub, "machine").await;
    assert_eq!(machine["channel"], "dashboard-machine");
    assert_eq!(machine["layout"]["source"], Value::Null, "is not for pages");
    let mut viewer = hub.subscribed("dashboard-machine").await;
    let first = next(&mut viewer, "stats-update").await;
    let share = first["data"]["memory"].as_f64().expect("a number");
    assert!((0.0..=1.0).contains(&share), "{share}");
    assert!(first["data"]["memoryTotal"].is_null(), "is on no panel");
    let point = next(&mut viewer, "chart-data").await;
    assert_eq!(point["data"]["memory"], share);
    let second = next(&mut viewer, "stats-update").await;
    assert!(second["data"]["cpu"].is_number(), "{second}");
    let default = grant(&hub, "default").await;
    assert_eq!(default["layout"]["note"], Value::Null, "has other numbers");
}

#[tokio::test]
async fn a_file_replaces_the_machine_s_dashboard() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("machine.toml"), "title = \"Own\"\n").expect("written");
    let hub = TestHub::with(|options| {
        options.source = vec!["system".into()];
        options.dashboards = Some(directory.path().to_owned());
    })
    .await;
    assert_eq!(grant(&hub, "machine").await["layout"]["title"], "Own");
}

#[tokio::test]
async fn a_source_reads_only_while_somebody_watches() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), MEMORY).await;
    assert!(!hub.metrics().await.contains("source_readings_total{"));
    let mut viewer = hub.subscribed("dashboard-ops").await;
    viewer.next_event("stats-update").await;
    viewer.next_event("stats-update").await;
    drop(viewer);
    hub.until_count("dashboard-ops", 0).await;
    let published = || async {
        let metrics = hub.metrics().await;
        let readings = metrics
            .lines()
            .find(|line| line.contains("source_readings_total{"));
        readings.expect("counted").to_owned()
    };
    // One more reading may have begun.
    let ended = async {
        loop {
            let before = published().await;
            sleep(Duration::from_millis(2_500)).await;
            if published().await == before {
                return before;
            }
        }
    };
    let before = timeout(PATIENCE, ended).await.expect("reads no more");
    assert!(
        before.contains(r#"dashboard="ops",kind="system",result="ok""#),
        "{before}"
    );
    let mut viewer = hub.subscribed("dashboard-ops").await;
    viewer.next_event("stats-update").await;
}

#[tokio::test]
async fn a_source_that_always_reads_needs_no_viewer() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = MEMORY.replace("[[stat]]", "always = true\n[[stat]]");
    let hub = hub(directory.path(), &text).await;
    let line = r#"source_readings{dashboard="ops",kind="system",result="ok"}"#;
    hub.until_metric(&line.replace("readings", "readings_total"), 2)
        .await;
}

#[tokio::test]
async fn a_changed_file_changes_its_sources() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), "title = \"Operations\"\n").await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    write(directory.path(), MEMORY);
    viewer.next_event("live-dashboard.layout").await;
    let data = viewer.next_event("stats-update").await["data"].clone();
    assert!(data["memoryTotal"].is_number(), "{data}");
    write(directory.path(), &MEMORY.replace("memoryTotal", "cores"));
    loop {
        let frame = viewer.next().await;
        if frame["data"]["cores"].is_number() {
            break;
        }
    }
}
