//! What publishes by itself reaches a viewer the moment it comes.

use std::sync::Arc;

use live_dashboard_hub::sources::{SourceKind, run};
use live_dashboard_protocol::name::ChannelName;

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
async fn the_demo() {
    let frames = first_events(SourceKind::Demo).await;
    for key in ["activeUsers", "requestsPerSec", "errorRate", "avgLatency"] {
        assert!(frames[0]["data"][key].is_number(), "{key}");
    }
    for key in ["timestamp", "requests", "errors"] {
        assert!(frames[1]["data"][key].is_u64(), "{key}");
    }
}

#[tokio::test]
async fn the_hub_itself() {
    let frames = first_events(SourceKind::Own).await;
    assert_eq!(frames[0]["data"]["activeUsers"], 1);
}
