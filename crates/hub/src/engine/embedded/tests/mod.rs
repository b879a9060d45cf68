//! What only this engine has: its file, and writes that wait or fail.

mod faults;
mod other_program;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use live_dashboard_protocol::name::EventName;
use rusqlite::Connection;
use serde_json::value::RawValue;
use tempfile::TempDir;

use super::super::Retention;
use super::*;
use crate::test_log::Log;
use other_program::OtherProgram;

#[derive(Default)]
struct Node(Mutex<Vec<Ulid>>);

impl Deliver for Node {
    fn deliver(&self, message: &Message) {
        lock(&self.0).push(message.id);
    }

    fn gap(&self, channel: &ChannelName) {
        panic!("there is none on {channel}");
    }

    fn wake(&self) {}
}

/// An engine in a directory of its own, and what it emits.
struct Bench {
    directory: TempDir,
    engine: Arc<Embedded>,
    node: Arc<Node>,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = open(directory.path(), settings);
        let node = Arc::new(Node::default());
        engine.attach(node.clone());
        Self {
            directory,
            engine: Arc::new(engine),
            node,
        }
    }

    fn other_program(&self) -> OtherProgram {
        OtherProgram::open(&self.directory.path().join("hub.db"))
    }

    fn emitted(&self) -> Vec<Ulid> {
        lock(&self.node.0).clone()
    }
}

/// Opens an engine on the store in `directory`.
fn open(directory: &Path, settings: Settings) -> Embedded {
    Embedded::open(&directory.join("hub.db"), settings).expect("opens")
}

fn message(channel: &str, store: Retention) -> NewMessage {
    NewMessage {
        channel: ChannelName::new(channel).expect("valid"),
        event: EventName::new("e").expect("valid"),
        data: RawValue::from_string("1".into()).expect("JSON"),
        deduplication_id: None,
        store,
        store_later: false,
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

/// Returns the ids of the stored messages of a channel.
async fn listed(engine: &Embedded, channel: &str) -> Vec<Ulid> {
    let messages = engine.history(&all(channel)).await.expect("readable");
    messages.iter().map(|message| message.id).collect()
}

#[tokio::test]
async fn a_full_disk_refuses_what_needs_it_and_nothing_else() {
    let bench = Bench::new(Settings::default());
    let (engine, disk) = (&bench.engine, bench.other_program());
    let stored = |id: &str| NewMessage {
        deduplication_id: Some(id.into()),
        ..message("c", Retention::Forever)
    };
    let first = engine.publish(stored("1")).await.expect("there is space");

    disk.fail_if("true");
    for _ in 0..2 {
        let refused = engine.publish(stored("2")).await;
        assert!(matches!(refused, Err(EngineError::Store(_))), "{refused:?}");
    }
    let until = SystemTime::now() + Duration::from_secs(60);
    assert!(engine.use_once("t", until).await.is_err());
    assert_eq!(engine.is_used("t").await, Ok(false));
    let unstored = engine.publish(message("c", Retention::No)).await;
    let unstored = unstored.expect("needs no disk");
    let later = NewMessage {
        store_later: true,
        ..message("c", Retention::Forever)
    };
    let later = engine.publish(later).await.expect("waits for no disk");
    assert_eq!(listed(engine, "c").await, [first.id]);

    disk.stop_failing();
    let second = engine.publish(stored("2")).await.expect("space again");
    assert!(!second.duplicate, "the refused one does not count");
    assert_eq!(engine.use_once("t", until).await, Ok(true));
    assert_eq!(listed(engine, "c").await, [first.id, second.id]);
    let emitted = [first, unstored, later, second].map(|one| one.id);
    assert_eq!(bench.emitted(), emitted);
}

#[tokio::test]
async fn a_clock_that_was_ahead_is_logged_once() {
    let log = Log::default();
    let _guard = log.capture();
    let ahead = Arc::new(AtomicBool::new(true));
    let (now, is_ahead) = (SystemTime::now(), Arc::clone(&ahead));
    let clock = move || match is_ahead.load(Ordering::SeqCst) {
        true => now + Duration::from_secs(86_400),
        false => now,
    };
    let settings = Settings {
        clock: Arc::new(clock),
        ..Settings::default()
    };
    let bench = Bench::new(settings.clone());
    let publish = async |engine: &Embedded| {
        let stored = message("c", Retention::Forever);
        engine.publish(stored).await.expect("stored");
    };
    publish(&bench.engine).await;
    ahead.store(false, Ordering::SeqCst);
    for _ in 0..3 {
        publish(&bench.engine).await;
    }
    assert_eq!(log.count("the clock went back"), 1);
    assert_eq!(log.count("message ids return to it"), 0);
    bench.engine.close().await;
    for _ in 0..2 {
        let engine = open(bench.directory.path(), settings.clone());
        publish(&engine).await;
        engine.close().await;
    }
    assert_eq!(log.count("message ids return to it"), 1, "healed");
    assert_eq!(log.count("the clock went back"), 1);
}

#[tokio::test]
async fn memory_does_not_grow_with_channels_that_are_no_longer_used() {
    let bench = Bench::new(Settings::default());
    let engine = &bench.engine;
    let kept = engine
        .publish(message("kept", Retention::Seconds(60)))
        .await;
    kept.expect("stored");
    for n in 0..100_000 {
        let passing = message(&format!("channel-{n}"), Retention::No);
        engine.publish(passing).await.expect("published");
    }
    let mut left = 0;
    engine
        .inner
        .channels
        .each(|shard| left += shard.remembered());
    assert_eq!(left, 0);
}

/// Returns the length of all the store's files.
fn length(directory: &Path) -> u64 {
    std::fs::read_dir(directory)
        .expect("readable")
        .map(|file| file.and_then(|file| file.metadata()).expect("exists").len())
        .sum()
}

#[tokio::test]
async fn the_file_is_bounded_and_the_oldest_go_first() {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let Bench {
        directory, engine, ..
    } = Bench::new(Settings {
        storage_limit: LIMIT,
        ..Settings::default()
    });
    let directory = directory.path();
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
                        ..message(&channel, Retention::Forever)
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
        let length = length(directory);
        assert!(length <= LIMIT / 2 * 3, "{length} bytes");
    }
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.bytes > LIMIT / 3, "{storage:?}");
    assert_eq!(storage.messages + storage.evicted, 20_000);
    drop(engine);
    let less = Settings {
        storage_limit: LIMIT / 4,
        ..Settings::default()
    };
    let engine = open(directory, less);
    engine.sweep().await;
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.bytes <= LIMIT / 4, "{storage:?}");
    engine.close().await;
    drop(engine);
    let length = length(directory);
    assert!(length <= LIMIT / 4 / 2 * 3, "{length} bytes for less");
    let engine = open(directory, Settings::default());
    let newest = HistoryQuery {
        reverse: true,
        ..all("c5")
    };
    let newest = engine.history(&newest).await.expect("listed");
    assert!(newest.first().map(|message| message.id) <= last);
    assert!(newest.len() > 20, "{}", newest.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_emptied_when_queries_have_kept_it_too_long() {
    const LIMIT: u64 = 1024 * 1024;
    let bench = Bench::new(Settings {
        storage_limit: LIMIT,
        ..Settings::default()
    });
    let log = bench.directory.path().join("hub.db-wal");
    let length = || log.metadata().expect("exists").len();
    let reading = bench.other_program();
    reading.run("BEGIN; SELECT * FROM state");
    let publishing = tokio::spawn({
        let engine = Arc::clone(&bench.engine);
        async move {
            for _ in 0..200 {
                let stored = message("c", Retention::Forever);
                engine.publish(stored).await.expect("stored");
            }
        }
    });
    while length() <= LIMIT / 4 {
        tokio::task::yield_now().await;
    }
    reading.run("COMMIT");
    publishing.await.expect("no panic");
    assert!(length() <= LIMIT / 4, "{} bytes", length());
}

#[tokio::test]
async fn the_counts_in_the_file_are_those_of_its_rows() {
    let settings = Settings {
        storage_limit: 512 * 1024,
        ..Settings::default()
    };
    let bench = Bench::new(settings);
    let (engine, now) = (&bench.engine, SystemTime::now());
    let data = format!("\"{}\"", "x".repeat(8000));
    for n in 0..80_u32 {
        let stored = NewMessage {
            data: RawValue::from_string(data.clone()).expect("JSON"),
            deduplication_id: Some(n.to_string()),
            ..message("c", Retention::Seconds(n))
        };
        engine.publish(stored).await.expect("stored");
        engine.use_once(&n.to_string(), now).await.expect("written");
        let scheduled = message("c", Retention::Forever);
        engine.schedule(now, scheduled).await.expect("kept");
        let record = [(format!("n{}", n % 7), Some("x".repeat(n as usize)))];
        let changed = engine.change_records("r", record.into()).await;
        changed.expect("written");
    }
    engine.run_due().await.expect("published");
    engine.sweep().await;
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.evicted > 0, "{storage:?}");
    let other = bench.other_program();
    let rows = other.number("SELECT count(*) FROM messages");
    assert_eq!(rows, storage.messages);
    other.run(
        "DELETE FROM deduplication_ids; DELETE FROM used_tokens; DELETE FROM schedules; \
         DELETE FROM records",
    );
    assert_eq!(other.number("SELECT pinned FROM state"), 0);
}

/// Fills a store in `directory` and returns its file.
async fn used(directory: &Path) -> PathBuf {
    let engine = open(directory, Settings::default());
    for _ in 0..1000 {
        let stored = message("c", Retention::Forever);
        engine.publish(stored).await.expect("stored");
    }
    engine.close().await;
    directory.join("hub.db")
}

/// Returns why the file cannot be opened, and checks that it is unchanged.
fn refusal(path: &Path) -> OpenErrorReason {
    let before = std::fs::read(path).expect("exists");
    let error = match Embedded::open(path, Settings::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    };
    assert!(std::fs::read(path).expect("exists") == before, "changed");
    assert!(error.to_string().contains(&path.display().to_string()));
    error.reason
}

#[tokio::test]
async fn a_file_that_is_not_a_store_is_refused_and_unchanged() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = directory.path().join("text.db");
    std::fs::write(&text, "Dear diary").expect("written");
    assert!(matches!(refusal(&text), OpenErrorReason::Foreign));

    let other = directory.path().join("other.db");
    let connection = Connection::open(&other).expect("created");
    connection
        .execute_batch("CREATE TABLE other (a)")
        .expect("written");
    drop(connection);
    assert!(matches!(refusal(&other), OpenErrorReason::Foreign));
}

#[tokio::test]
async fn a_store_of_an_earlier_version_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let older = directory.path().join("hub.redb");
    std::fs::write(&older, "redb").expect("written");
    let path = directory.path().join("hub.db");
    let error = match Embedded::open(&path, Settings::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(&older.display().to_string()), "{error}");
    assert!(error.contains("Move that file away"), "{error}");
    assert!(!path.exists());
    std::fs::remove_file(older).expect("removed");
    open(directory.path(), Settings::default());
}

#[tokio::test]
async fn a_newer_file_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = used(directory.path()).await;
    OtherProgram::open(&path).run("PRAGMA user_version = 2");
    let reason = refusal(&path);
    assert!(matches!(reason, OpenErrorReason::Newer(2)), "{reason}");
    assert!(reason.to_string().contains("newer hub"), "{reason}");
}

#[tokio::test]
async fn a_file_from_before_there_were_records_gets_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = used(directory.path()).await;
    OtherProgram::open(&path).run("DROP TABLE records");
    let engine = open(directory.path(), Settings::default());
    let record = BTreeMap::from([("n".to_owned(), Some("v".to_owned()))]);
    assert_eq!(engine.change_records("r", record).await, Ok(true));
    let kept = BTreeMap::from([("n".to_owned(), "v".to_owned())]);
    assert_eq!(engine.records("r").await, Ok(kept));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = used(directory.path()).await;
    let whole = std::fs::read(&path).expect("exists");
    // Zeros at the beginning of every page that is used.
    let mut damaged = whole.clone();
    for page in damaged
        .chunks_mut(4096)
        .skip(1)
        .filter(|page| page.iter().any(|byte| *byte != 0))
    {
        page[..64].fill(0);
    }
    std::fs::write(&path, damaged).expect("written");
    assert!(matches!(refusal(&path), OpenErrorReason::Damaged(_)));
    std::fs::write(&path, &whole[..whole.len() / 3]).expect("written");
    assert!(matches!(refusal(&path), OpenErrorReason::Damaged(_)));
}

#[tokio::test]
async fn a_file_in_use_is_refused() {
    let bench = Bench::new(Settings::default());
    let path = bench.directory.path().join("hub.db");
    assert!(matches!(refusal(&path), OpenErrorReason::InUse));
}

/// Between fork and exec, a child process holds what its parent has locked, even after
/// the parent has closed it.
#[cfg(unix)]
#[tokio::test]
async fn a_store_that_another_process_is_about_to_release_is_opened() {
    let directory = tempfile::tempdir().expect("a directory");
    let lock = std::fs::File::create(directory.path().join("hub.lock")).expect("created");
    lock.lock().expect("nobody else has locked it");
    let mut child = std::process::Command::new("sleep")
        .arg("0.2")
        .stdin(lock)
        .spawn()
        .expect("sleep is everywhere");
    open(directory.path(), Settings::default());
    child.wait().expect("ends by itself");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new(Settings::default());
    let stored = message("c", Retention::Forever);
    bench.engine.publish(stored).await.expect("stored");
    for name in ["hub.db", "hub.db-wal", "hub.db-shm", "hub.lock"] {
        let file = bench.directory.path().join(name).metadata();
        let mode = file.expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
