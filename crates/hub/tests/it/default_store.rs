//! How long a message is kept whose publisher does not say.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::lister::Lister;
use crate::support::{PATIENCE, TestHub, viewer};

/// A hub with the dashboard `ops`, whose channel is `team`.
async fn hub(dashboards: &Path, history: Option<&str>) -> TestHub {
    add(dashboards, "ops", "team");
    TestHub::with(|options| {
        options.dashboards = Some(dashboards.to_owned());
        options.history = history.map(Into::into);
    })
    .await
}

fn add(dashboards: &Path, name: &str, channel: &str) {
    let layout = format!("title = \"T\"\nchannel = \"{channel}\"\n");
    fs::write(dashboards.join(format!("{name}.toml")), layout).expect("written");
}

/// The events that are stored on a channel.
async fn stored(hub: &TestHub, channel: &str) -> Vec<Value> {
    let mut claims = viewer(channel);
    claims["channels"][channel]["historyStart"] = json!(0);
    let mut lister = Lister::connect(hub, claims).await;
    lister.subscribe(channel).await;
    let (status, answer) = lister.list(hub, json!({"channel": channel})).await;
    assert_eq!(status, 200, "{answer}");
    let messages = answer["messages"].as_array().expect("an array");
    messages
        .iter()
        .map(|message| message["event"].clone())
        .collect()
}

/// Publishes, and returns whether that was stored.
async fn keeps(hub: &TestHub, channel: &str, event: &str, store: Option<i64>) -> bool {
    let mut message = json!({"channel": channel, "event": event});
    if let Some(seconds) = store {
        message["store"] = json!(seconds);
    }
    assert_eq!(hub.publish(message).await.0, 202);
    stored(hub, channel).await.contains(&json!(event))
}

#[tokio::test]
async fn messages_of_dashboards_are_kept_unless_their_publisher_objects() {
    let dashboards = tempfile::tempdir().expect("a directory");
    let hub = hub(dashboards.path(), None).await;
    for (channel, store, kept) in [
        ("dashboard", None, true),
        ("team", None, true),
        ("dashboard", Some(0), false),
        ("team", Some(0), false),
        ("dashboard", Some(60), true),
        ("dashboard-ops", None, false),
        ("elsewhere", None, false),
        ("elsewhere", Some(60), true),
    ] {
        let event = format!(
            "e{}",
            store.map_or("-unsaid".into(), |store| store.to_string())
        );
        let found = keeps(&hub, channel, &event, store).await;
        assert_eq!(found, kept, "{channel} {store:?}");
    }
}

#[tokio::test]
async fn without_history_nothing_is_kept_by_default() {
    let dashboards = tempfile::tempdir().expect("a directory");
    let hub = hub(dashboards.path(), Some("0")).await;
    assert!(!keeps(&hub, "team", "unsaid", None).await);
    assert!(keeps(&hub, "team", "said", Some(60)).await);
}

#[tokio::test]
async fn messages_are_kept_as_long_as_viewers_may_look_back() {
    let dashboards = tempfile::tempdir().expect("a directory");
    let hub = hub(dashboards.path(), Some("1s")).await;
    keeps(&hub, "team", "unsaid", None).await;
    timeout(PATIENCE, async {
        while !stored(&hub, "team").await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it expires");
}

#[tokio::test]
async fn dashboards_come_and_go() {
    let dashboards = tempfile::tempdir().expect("a directory");
    let hub = hub(dashboards.path(), None).await;
    let until = async |kept: bool| {
        timeout(PATIENCE, async {
            for n in 0.. {
                if keeps(&hub, "new", &format!("{kept}{n}"), None).await == kept {
                    return;
                }
            }
        })
        .await
        .expect("the change is noticed");
    };
    assert!(!keeps(&hub, "new", "before", None).await);
    add(dashboards.path(), "new", "new");
    until(true).await;
    // The hub's own messages to open pages are not stored.
    add(dashboards.path(), "new", "newer");
    until(false).await;
    let events = stored(&hub, "new").await;
    assert!(
        !events.contains(&json!("live-dashboard.layout")),
        "{events:?}"
    );
    fs::remove_file(dashboards.path().join("ops.toml")).expect("removed");
    timeout(PATIENCE, async {
        for n in 0.. {
            if !keeps(&hub, "team", &format!("removed{n}"), None).await {
                return;
            }
        }
    })
    .await
    .expect("the change is noticed");
}
