//! A copy of the store, made beside a running hub and put back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::durable::{socket_address, stored};
use crate::program::{answer, start, terminate};
use crate::support::PATIENCE;

/// How many messages each publisher has acknowledged before the backup begins.
const BEFORE: u64 = 50;

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// Publishes `event`, to be stored for ever.
fn publish(data: &Path, hub: &str, event: &str) {
    let arguments = ["publish", "--hub", hub, "--event", event, "--store"];
    let (ok, text) = answer(data, &[&arguments[..], &["forever"]].concat());
    assert!(ok, "{text}");
}

/// The events that a hub on `data` has stored.
async fn events(data: &Path) -> Vec<Value> {
    let (mut child, address) = start(data, &[]);
    let messages = stored(data, socket_address(&address)).await;
    terminate(&child);
    child.wait().expect("ends");
    let messages = messages.into_iter();
    messages
        .map(|mut message| message["event"].take())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_all_that_was_acknowledged_before() {
    let data = tempfile::tempdir().expect("a directory");
    let (mut child, address) = start(data.path(), &[]);
    let (_, key) = answer(data.path(), &["keys", "--api-key"]);
    let done = Arc::new(AtomicBool::new(false));
    let acknowledged: Arc<[AtomicU64; 4]> = Arc::default();
    let mut publishers = JoinSet::new();
    for publisher in 0..acknowledged.len() {
        let (done, acknowledged) = (Arc::clone(&done), Arc::clone(&acknowledged));
        let (url, key) = (format!("{address}/publish"), key.trim().to_owned());
        publishers.spawn(async move {
            let http = reqwest::Client::new();
            for number in 0.. {
                let body = json!({"channel": "dashboard", "event": "e", "store": -1,
                                  "data": {"publisher": publisher, "number": number}});
                let request = http.post(&url).bearer_auth(&key).body(body.to_string());
                let status = request.send().await.expect("an answer").status();
                assert_eq!(status.as_u16(), 202);
                acknowledged[publisher].fetch_add(1, Ordering::SeqCst);
                if done.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
    }
    let counts = || {
        acknowledged
            .each_ref()
            .map(|count| count.load(Ordering::SeqCst))
    };
    let until_all_above = async |least: [u64; 4]| {
        let reached = async {
            while counts()
                .iter()
                .zip(least)
                .any(|(count, least)| *count <= least)
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, reached)
            .await
            .expect("publishing goes on");
    };
    until_all_above([BEFORE; 4]).await;
    let before = counts();
    let copy = data.path().join("copy.db");
    let (ok, message) =
        tokio::task::block_in_place(|| answer(data.path(), &["backup", text(&copy)]));
    assert!(ok, "{message}");
    // The hub is not disturbed, and what comes later is not in the backup.
    until_all_above(counts()).await;
    done.store(true, Ordering::SeqCst);
    while let Some(publisher) = publishers.join_next().await {
        publisher.expect("no panic");
    }
    terminate(&child);
    child.wait().expect("ends");

    let elsewhere = tempfile::tempdir().expect("a directory");
    let (ok, message) = answer(elsewhere.path(), &["restore", text(&copy)]);
    assert!(ok, "{message}");
    let (mut child, address) = start(elsewhere.path(), &[]);
    let restored = stored(elsewhere.path(), socket_address(&address)).await;
    terminate(&child);
    child.wait().expect("ends");
    for (publisher, (before, at_end)) in before.into_iter().zip(counts()).enumerate() {
        let numbers: Vec<u64> = restored
            .iter()
            .filter(|message| message["data"]["publisher"] == publisher)
            .map(|message| message["data"]["number"].as_u64().expect("a number"))
            .collect();
        let count = u64::try_from(numbers.len()).expect("small");
        assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "none is missing");
        assert!(
            (before..at_end).contains(&count),
            "{before} {count} {at_end}"
        );
    }
}

#[tokio::test]
async fn a_restore_replaces_the_store_of_a_hub_that_does_not_run() {
    let data = tempfile::tempdir().expect("a directory");
    let copy = data.path().join("copy.db");
    let (mut child, address) = start(data.path(), &[]);
    publish(data.path(), &address, "first");
    let (ok, message) = answer(data.path(), &["backup", text(&copy)]);
    assert!(ok, "{message}");
    publish(data.path(), &address, "second");

    let (ok, message) = answer(data.path(), &["restore", text(&copy)]);
    assert!(
        !ok && message.contains("a running hub is using it"),
        "{message}"
    );
    // A store without its log is not whole.
    let store = data.path().join("hub.db");
    let (ok, message) = answer(data.path(), &["restore", text(&store)]);
    assert!(!ok && message.contains("has a log"), "{message}");
    publish(data.path(), &address, "third");

    child.kill().expect("a process");
    child.wait().expect("it ended");
    for _ in 0..2 {
        let (ok, message) = answer(data.path(), &["restore", text(&copy)]);
        assert!(ok && message.contains("hub.db.replaced"), "{message}");
        assert_eq!(events(data.path()).await, ["first"]);
    }
    let (ok, message) = answer(data.path(), &["restore", text(&copy)]);
    assert!(ok, "{message}");

    #[cfg(unix)]
    for file in ["copy.db", "hub.db"] {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(data.path().join(file)).expect("there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }

    // What was replaced is a whole store too.
    let replaced = data.path().join("hub.db.replaced");
    let elsewhere = tempfile::tempdir().expect("a directory");
    fs::copy(replaced, elsewhere.path().join("hub.db")).expect("copied");
    assert_eq!(events(elsewhere.path()).await, ["first"]);
}

#[tokio::test]
async fn a_replaced_store_keeps_its_log() {
    let data = tempfile::tempdir().expect("a directory");
    let copy = data.path().join("copy.db");
    let (mut child, address) = start(data.path(), &[]);
    let (ok, message) = answer(data.path(), &["backup", text(&copy)]);
    assert!(ok, "{message}");
    publish(data.path(), &address, "in-the-log");
    child.kill().expect("a process");
    child.wait().expect("it ended");
    let (ok, message) = answer(data.path(), &["restore", text(&copy)]);
    assert!(ok, "{message}");
    assert!(events(data.path()).await.is_empty());

    for suffix in ["", "-wal"] {
        let replaced = data.path().join(format!("hub.db.replaced{suffix}"));
        fs::rename(replaced, data.path().join(format!("hub.db{suffix}"))).expect("renamed");
    }
    assert_eq!(events(data.path()).await, ["in-the-log"]);
}

#[test]
fn a_backup_overwrites_nothing_and_a_restore_takes_only_a_backup() {
    let data = tempfile::tempdir().expect("a directory");
    let (mut child, _) = start(data.path(), &[]);
    terminate(&child);
    child.wait().expect("ends");
    let file = data.path().join("diary");
    fs::write(&file, "Dear diary").expect("written");
    let (ok, message) = answer(data.path(), &["backup", text(&file)]);
    assert!(!ok && message.contains("exists"), "{message}");
    assert_eq!(fs::read(&file).expect("there"), b"Dear diary");

    let store = fs::read(data.path().join("hub.db")).expect("there");
    let empty = data.path().join("empty");
    fs::write(&empty, "").expect("written");
    for file in [&file, &empty] {
        let (ok, message) = answer(data.path(), &["restore", text(file)]);
        assert!(!ok && message.contains("not a hub's store"), "{message}");
    }
    let missing = data.path().join("missing");
    let (ok, message) = answer(data.path(), &["restore", text(&missing)]);
    assert!(!ok && message.contains("missing"), "{message}");
    assert!(
        fs::read(data.path().join("hub.db")).expect("there") == store,
        "unchanged"
    );

    let nothing = tempfile::tempdir().expect("a directory");
    let copy = nothing.path().join("copy.db");
    let (ok, message) = answer(nothing.path(), &["backup", text(&copy)]);
    assert!(!ok && message.contains("hub.db"), "{message}");
    assert_eq!(fs::read_dir(nothing.path()).expect("readable").count(), 0);
}
