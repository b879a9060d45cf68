//! What is held back, refused half-way, or cut off.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use super::*;

/// Longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A clock that stands still: nothing is written but what a test asks for.
fn still() -> Settings {
    let now = SystemTime::now();
    Settings {
        clock: Arc::new(move || now),
        ..Settings::default()
    }
}

/// An engine on a medium, and what it emits.
fn engine() -> (Medium, Arc<Embedded>, Arc<Node>) {
    let medium = Medium::default();
    let engine = Arc::new(medium.engine(still()));
    let node = Arc::new(Node::default());
    engine.attach(node.clone());
    (medium, engine, node)
}

async fn publish(engine: &Embedded, channel: &str, store: Kept) -> Ulid {
    let published = engine.publish(message(channel, store)).await;
    published.expect("published").id
}

/// Publishes on the side.
fn begin(
    engine: &Arc<Embedded>,
    message: NewMessage,
) -> tokio::task::JoinHandle<Result<Published, EngineError>> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move { engine.publish(message).await })
}

/// Gives every other task, and who reads, many turns.
async fn others() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
        tokio::task::spawn_blocking(std::thread::yield_now)
            .await
            .expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_same_channel_waits_behind_what_is_being_stored() {
    let (medium, engine, node) = engine();
    medium.hold();
    let stored = begin(&engine, message("c", Kept::Forever));
    medium.until_held().await;
    let behind = begin(&engine, message("c", Kept::No));
    let elsewhere = publish(&engine, "d", Kept::No).await;
    assert_eq!(*lock(&node.0), [elsewhere]);
    medium.release();
    let stored = stored.await.expect("no panic").expect("stored").id;
    let behind = behind.await.expect("no panic").expect("published").id;
    assert_eq!(*lock(&node.0), [elsewhere, stored, behind]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_goes_holds_nobody_up() {
    let (medium, engine, node) = engine();
    medium.hold();
    let stored = begin(&engine, message("c", Kept::Forever));
    medium.until_held().await;
    stored.abort();
    let _ = stored.await;
    let behind = begin(&engine, message("c", Kept::No));
    medium.release();
    let behind = behind.await.expect("no panic").expect("published").id;
    let emitted = lock(&node.0).clone();
    assert_eq!(emitted.len(), 2, "the message goes its way alone");
    assert_eq!(emitted[1], behind);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_waits_for_the_fate_of_the_first() {
    for fails in [false, true] {
        let (medium, engine, node) = engine();
        let same = || NewMessage {
            deduplication_id: Some("same".into()),
            ..message("c", Kept::Forever)
        };
        medium.hold();
        let first = begin(&engine, same());
        medium.until_held().await;
        let second = begin(&engine, same());
        others().await;
        assert!(!second.is_finished());
        medium.fails_to_sync_once.store(fails, Ordering::SeqCst);
        medium.release();
        let first = first.await.expect("no panic");
        let second = second.await.expect("no panic").expect("published");
        assert_eq!(first.is_err(), fails);
        assert_eq!(second.duplicate, !fails);
        assert_eq!(*lock(&node.0), [second.id], "either of them, once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_listed_even_where_it_was_written() {
    let (medium, engine, node) = engine();
    let first = publish(&engine, "c", Kept::Forever).await;
    medium.fails_to_sync_once.store(true, Ordering::SeqCst);
    let refused = engine.publish(message("c", Kept::Forever)).await;
    assert!(refused.is_err());
    let listed = async || -> Vec<Ulid> {
        let messages = engine.history(&all("c")).await.expect("readable");
        messages.iter().map(|message| message.id).collect()
    };
    assert_eq!(listed().await, [first]);
    let second = publish(&engine, "c", Kept::Forever).await;
    assert_eq!(listed().await, [first, second]);
    assert_eq!(*lock(&node.0), [first, second]);
    let storage = engine.storage().await.expect("it has a store");
    assert_eq!(storage.messages, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_end_is_refused_and_holds_nobody_up() {
    let (medium, engine, node) = engine();
    medium.hold();
    let last = begin(&engine, message("c", Kept::Forever));
    medium.until_held().await;
    let closing = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.close().await }
    });
    others().await;
    let late = begin(&engine, message("c", Kept::Forever));
    let behind = begin(&engine, message("c", Kept::No));
    others().await;
    medium.release();
    let ended = timeout(PATIENCE, async {
        closing.await.expect("no panic");
        (
            last.await.expect("no panic").expect("it came in time").id,
            late.await.expect("no panic"),
            behind.await.expect("no panic").expect("needs no store").id,
        )
    });
    let (last, late, behind) = ended.await.expect("nobody waits for ever");
    assert!(matches!(late, Err(EngineError::Store(_))), "{late:?}");
    assert_eq!(*lock(&node.0), [last, behind]);
    assert!(engine.history(&all("c")).await.is_err());
    let later = timeout(PATIENCE, engine.publish(message("c", Kept::Forever)));
    assert!(later.await.expect("is told").is_err());
    publish(&engine, "c", Kept::No).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_do_not_go_back_after_a_kill_even_where_the_clock_does() {
    let (medium, engine, _) = engine();
    let first = publish(&engine, "c", Kept::Forever).await;
    let last = publish(&engine, "c", Kept::No).await;
    let earlier = (engine.inner.clock)() - Duration::from_secs(3600);
    let after = medium.copy().engine(Settings {
        clock: Arc::new(move || earlier),
        ..Settings::default()
    });
    let next = publish(&after, "c", Kept::No).await;
    assert!(first < last && last < next, "{first} {last} {next}");
    let listed = after.history(&all("c")).await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_evicted_leaves_room_for_messages() {
    const LIMIT: u64 = 1024 * 1024;
    let settings = Settings {
        storage_limit: LIMIT,
        ..still()
    };
    let engine = Embedded::in_memory(settings).expect("starts");
    let now = (engine.inner.clock)();
    let data = RawValue::from_string(format!("\"{}\"", "x".repeat(30_000))).expect("JSON");
    let large = || NewMessage {
        data: data.clone(),
        ..message("c", Kept::No)
    };
    let mut scheduled = 0;
    let refusal = loop {
        match engine.schedule(now, large()).await {
            Ok(_) => scheduled += 1,
            Err(refusal) => break refusal,
        }
        assert!(scheduled < 100, "there is no end to it");
    };
    assert!(refusal.to_string().contains("storage limit"), "{refusal}");
    assert_eq!(scheduled, 8, "a quarter of the limit");
    let mut newest = Ulid::nil();
    for _ in 0..50 {
        let stored = NewMessage {
            store: Kept::Forever,
            ..large()
        };
        newest = engine.publish(stored).await.expect("stored").id;
    }
    let storage = engine.storage().await.expect("it has a store");
    assert!(storage.bytes <= LIMIT, "{storage:?}");
    assert!(storage.bytes > LIMIT / 10 * 9, "{storage:?}");
    let listed = engine.history(&all("c")).await.expect("listed");
    assert_eq!(listed.last().map(|message| message.id), Some(newest));
    assert_eq!(engine.run_due().await.expect("published").fired, 8);
    engine.schedule(now, large()).await.expect("room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_fires_once_though_who_fires_it_is_cut_off() {
    let (medium, engine, node) = engine();
    let now = (engine.inner.clock)();
    for store in [Kept::Forever, Kept::No] {
        let scheduled = engine.schedule(now, message("c", store)).await;
        scheduled.expect("kept");
    }
    let fire = || {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move { engine.run_due().await })
    };
    medium.hold();
    let first = fire();
    medium.until_held().await;
    first.abort();
    let _ = first.await;
    let second = fire();
    others().await;
    medium.release();
    let second = second.await.expect("no panic").expect("read and written");
    assert_eq!(
        second,
        Due {
            fired: 1,
            next: None
        }
    );
    assert_eq!(lock(&node.0).len(), 2, "each once");
}
