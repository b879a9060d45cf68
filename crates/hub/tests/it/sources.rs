//! The sources publish as soon as a viewer subscribes.

use std::sync::Arc;

use live_dashboard_hub::sources::{SourceKind, run};
use live_dashboard_protocol::name::ChannelName;
use serde_json::json;

use crate::lister::{Lister, looking_back};
use crate::support::TestHub;

async fn first_events(kind: SourceKind) -> Vec<serde_json::Value> {
    let hub = TestHub::start().await;
    let channel = ChannelName::new("dashboard").expect("valid");
    let source = tokio::spawn(run(kind, Arc::clone(&hub.hub), channel));
    let mut viewer = hub.subscribed("dashboard").await;
    let frames = vec![
        viewer.next_event("stats-update").await,
        viewer.next_event("chart-data").await,
    ];
    source.abort();
    frames
}

#[tokio::test]
async fn the_demo_publishes_the_default_layout_s_numbers() {
    let frames = first_events(SourceKind::Demo).await;
    for key in ["activeUsers", "requestsPerSec", "errorRate", "avgLatency"] {
        assert!(frames[0]["data"][key].is_number(), "{key}");
    }
    for key in ["timestamp", "requests", "errors"] {
        assert!(frames[1]["data"][key].is_u64(), "{key}");
    }
}

#[tokio::test]
async fn the_hub_s_own_source_counts_viewers() {
    let frames = first_events(SourceKind::Own).await;
    assert_eq!(frames[0]["data"]["activeUsers"], 1);
}

#[tokio::test]
async fn messages_of_sources_are_stored_for_later_viewers() {
    for (history, stored) in [(None, true), (Some("0"), false)] {
        let hub = TestHub::with(|options| options.history = history.map(str::to_owned)).await;
        let channel = ChannelName::new("c").expect("valid");
        let source = tokio::spawn(run(SourceKind::Demo, Arc::clone(&hub.hub), channel));
        let mut first = hub.subscribed("c").await;
        first.next_event("stats-update").await;
        let point = first.next_event("chart-data").await;
        source.abort();
        let mut later = Lister::connect(&hub, looking_back()).await;
        later.subscribe("c").await;
        let points = json!({"channel": "c", "event": "chart-data"});
        let listed = later.data(&hub, points).await;
        assert_eq!(listed.first(), stored.then_some(&point["data"]));
    }
}
