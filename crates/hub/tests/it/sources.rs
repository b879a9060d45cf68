//! The sources that a flag chooses.

use std::sync::Arc;

use live_dashboard_hub::sources::{SourceKind, run};
use live_dashboard_protocol::name::ChannelName;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::lister::{Lister, looking_back};
use crate::support::{Client, TestHub};

/// What a hub with `--history 1h` has published after the demo's first sample: a past of an
/// hour, values, a point and an alert.
const DEMO_STARTED: u64 = 1440 + 3;

/// Runs a source on the channel `c` until it has published so many messages, and subscribes.
async fn started(hub: &TestHub, kind: SourceKind, published: u64) -> (JoinHandle<()>, Client) {
    let channel = ChannelName::new("c").expect("valid");
    let source = tokio::spawn(run(kind, Arc::clone(&hub.hub), channel));
    hub.until_metric("messages_published_total", published)
        .await;
    (source, hub.subscribed("c").await)
}

/// The newest stored points, for a page that opens now.
async fn stored_points(hub: &TestHub) -> Vec<Value> {
    let mut viewer = Lister::connect(hub, looking_back()).await;
    viewer.subscribe("c").await;
    let points = json!({"channel": "c", "event": "chart-data", "reverse": true});
    viewer.data(hub, points).await
}

#[tokio::test]
async fn the_demo_publishes_the_default_layout_s_numbers() {
    let hub = TestHub::start().await;
    let (source, mut viewer) = started(&hub, SourceKind::Demo, DEMO_STARTED).await;
    let values = viewer.next_event("stats-update").await;
    for key in ["activeUsers", "requestsPerSec", "errorRate", "avgLatency"] {
        assert!(values["data"][key].is_number(), "{key}");
    }
    let point = viewer.next_event("chart-data").await;
    for key in ["timestamp", "requests", "errors"] {
        assert!(point["data"][key].is_u64(), "{key}");
    }
    source.abort();
}

#[tokio::test]
async fn the_hub_s_own_source_counts_viewers() {
    let hub = TestHub::start().await;
    let (source, mut viewer) = started(&hub, SourceKind::Own, 2).await;
    let values = viewer.next_event("stats-update").await;
    assert_eq!(values["data"]["activeUsers"], 1);
    source.abort();
}

#[tokio::test]
async fn messages_of_sources_are_stored_for_later_viewers() {
    for (history, published) in [(None, DEMO_STARTED), (Some("0"), 3)] {
        let hub = TestHub::with(|options| options.history = history.map(str::to_owned)).await;
        let (source, mut viewer) = started(&hub, SourceKind::Demo, published).await;
        viewer.next_event("stats-update").await;
        let point = viewer.next_event("chart-data").await;
        source.abort();
        let stored = stored_points(&hub).await;
        let expected = history.is_none().then_some(&point["data"]);
        assert_eq!(stored.first(), expected);
    }
}

#[tokio::test]
async fn the_demo_begins_with_a_past_once() {
    let hub = TestHub::start().await;
    let (source, _) = started(&hub, SourceKind::Demo, DEMO_STARTED).await;
    source.abort();
    let times = stored_points(&hub).await;
    let times: Vec<_> = times
        .iter()
        .filter_map(|point| point["timestamp"].as_u64())
        .collect();
    assert_eq!(times.len(), 100);
    assert!(times.is_sorted_by(|later, earlier| (1..=4).contains(&(later - earlier))));
    let (source, _) = started(&hub, SourceKind::Demo, DEMO_STARTED + 3).await;
    source.abort();
}
