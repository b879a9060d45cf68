//! What is special to this engine: its file, and a medium that fails.

pub(super) mod medium;
mod trouble;

use std::sync::atomic::Ordering;

use live_dashboard_protocol::name::EventName;
use live_dashboard_protocol::publish::Store as Kept;
use redb::Database;
use serde_json::value::RawValue;

use super::*;
use medium::Medium;

#[derive(Default)]
struct Node(Mutex<Vec<Ulid>>);

impl Deliver for Node {
    fn deliver(&self, message: &Message) {
        lock(&self.0).push(message.id);
    }
}

fn message(channel: &str, store: Kept) -> NewMessage {
    NewMessage {
        channel: ChannelName::new(channel).expect("valid"),
        event: EventName::new("e").expect("valid"),
        data: RawValue::from_string("1".into()).expect("JSON"),
        deduplication_id: None,
        store,
    }
}

fn all(channel: &str) -> HistoryQuery {
    HistoryQuery {
        channel: ChannelName::new(channel).expect("valid"),
        after: None,
        before: None,
        reverse: false,
        oldest: Ulid::nil(),
        event: None,
        limit: 100,
    }
}

#[tokio::test]
async fn a_full_disk_costs_only_what_is_to_be_stored_meanwhile() {
    let medium = Medium::default();
    let engine = medium.engine(Settings::default());
    let node = Arc::new(Node::default());
    engine.attach(node.clone());
    let stored = |id: &str| NewMessage {
        deduplication_id: Some(id.into()),
        ..message("c", Kept::Forever)
    };
    let first = engine.publish(stored("1")).await.expect("there is room");

    medium.full.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let refused = engine.publish(stored("2")).await;
        assert!(matches!(refused, Err(EngineError::Store(_))), "{refused:?}");
    }
    let until = SystemTime::now() + Duration::from_secs(60);
    assert!(engine.use_once("t", until).await.is_err());
    let unstored = engine.publish(message("c", Kept::No)).await;
    let unstored = unstored.expect("needs no disk");

    medium.full.store(false, Ordering::SeqCst);
    let second = engine.publish(stored("2")).await.expect("room again");
    assert!(!second.duplicate, "it was not remembered");
    assert_eq!(engine.use_once("t", until).await, Ok(true));
    let listed = engine.history(&all("c")).await.expect("readable again");
    let listed: Vec<Ulid> = listed.iter().map(|message| message.id).collect();
    assert_eq!(listed, [first.id, second.id]);
    let emitted = lock(&node.0).clone();
    assert_eq!(emitted, [first.id, unstored.id, second.id]);
}

#[tokio::test]
async fn channels_of_a_moment_leave_nothing() {
    let engine = Embedded::in_memory(Settings::default()).expect("starts");
    let kept = engine.publish(message("kept", Kept::Seconds(60))).await;
    kept.expect("stored");
    for n in 0..100_000 {
        let passing = message(&format!("channel-{n}"), Kept::No);
        engine.publish(passing).await.expect("published");
    }
    let mut left = 0;
    engine
        .inner
        .channels
        .each(|shard| left += shard.remembered());
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_file_is_bounded_and_the_oldest_go_first() {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hub.redb");
    let settings = Settings {
        storage_limit: LIMIT,
        ..Settings::default()
    };
    let engine = Arc::new(Embedded::open(&path, settings).expect("opens"));
    let text = format!("\"{}\"", "x".repeat(8000));
    let mut last = None;
    // Ten times the limit.
    for _ in 0..20 {
        let tasks: Vec<_> = (0..1000)
            .map(|n| {
                let engine = Arc::clone(&engine);
                let data = RawValue::from_string(text.clone()).expect("JSON");
                tokio::spawn(async move {
                    let channel = format!("c{}", n % 7);
                    let large = NewMessage {
                        data,
                        ..message(&channel, Kept::Forever)
                    };
                    engine.publish(large).await
                })
            })
            .collect();
        for task in tasks {
            let published = task.await.expect("no panic").expect("stored");
            last = last.max(Some(published.id));
        }
        let storage = engine.storage().await.expect("it has a store");
        assert!(storage.bytes <= LIMIT, "{storage:?}");
        let length = path.metadata().expect("is there").len();
        assert!(length <= LIMIT / 2 * 3, "{length} bytes");
    }
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.bytes > LIMIT / 3, "{storage:?}");
    assert_eq!(storage.messages + storage.evicted, 20_000);
    engine.close().await;
    let less = Settings {
        storage_limit: LIMIT / 4,
        ..Settings::default()
    };
    let engine = Embedded::open(&path, less).expect("opens again");
    engine.sweep().await;
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.bytes <= LIMIT / 4, "{storage:?}");
    engine.close().await;
    let length = path.metadata().expect("is there").len();
    assert!(length <= LIMIT / 4 / 2 * 3, "{length} bytes for less");
    let engine = Embedded::open(&path, Settings::default()).expect("opens again");
    let newest = HistoryQuery {
        reverse: true,
        ..all("c5")
    };
    let newest = engine.history(&newest).await.expect("listed");
    assert!(newest.first().map(|message| message.id) <= last);
    assert!(newest.len() > 20, "{}", newest.len());
}

/// A store that was in use, and is closed.
async fn used(path: &Path) {
    let engine = Embedded::open(path, Settings::default()).expect("opens");
    for _ in 0..1000 {
        let stored = message("c", Kept::Forever);
        engine.publish(stored).await.expect("stored");
    }
    engine.close().await;
}

fn refusal(path: &Path) -> OpenError {
    let before = std::fs::read(path).expect("is there");
    let error = match Embedded::open(path, Settings::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    };
    assert_eq!(std::fs::read(path).expect("still there"), before);
    assert!(error.to_string().contains(&path.display().to_string()));
    error
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = directory.path().join("text");
    std::fs::write(&text, "Dear diary").expect("written");
    assert!(matches!(refusal(&text), OpenError::Foreign { .. }));

    let other = directory.path().join("other.redb");
    let database = Database::create(&other).expect("made");
    let table = redb::TableDefinition::<u64, u64>::new("other");
    let transaction = database.begin_write().expect("begun");
    transaction.open_table(table).expect("made");
    transaction.commit().expect("written");
    drop(database);
    assert!(matches!(
        Embedded::open(&other, Settings::default()),
        Err(OpenError::Foreign { .. })
    ));
}

#[tokio::test]
async fn a_newer_file_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hub.redb");
    used(&path).await;
    store::set_format(&path, 2);
    let error = match Embedded::open(&path, Settings::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    };
    assert!(
        matches!(error, OpenError::Newer { found: 2, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("newer hub"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hub.redb");
    used(&path).await;
    let whole = std::fs::read(&path).expect("is there");
    // Whatever a page holds: zeros where something was, at several places.
    let mut damaged = whole.clone();
    for page in damaged
        .chunks_mut(4096)
        .skip(1)
        .filter(|page| page.iter().any(|b| *b != 0))
    {
        page[..64].fill(0);
    }
    std::fs::write(&path, damaged).expect("written");
    assert!(matches!(
        Embedded::open(&path, Settings::default()),
        Err(OpenError::Damaged { .. })
    ));
    std::fs::write(&path, &whole[..whole.len() / 3]).expect("written");
    let error = match Embedded::open(&path, Settings::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    };
    assert!(
        matches!(error, OpenError::Damaged { .. } | OpenError::Io { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_in_use_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hub.redb");
    let _first = Embedded::open(&path, Settings::default()).expect("opens");
    let second = Embedded::open(&path, Settings::default());
    assert!(matches!(second, Err(OpenError::InUse { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("hub.redb");
    used(&path).await;
    let mode = path.metadata().expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
