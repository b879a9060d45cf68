//! Publishes that wait for the store, fail in it, or are abandoned.

use std::time::Duration;

use tokio::time::timeout;

use super::*;

/// Longer than anything here takes: only a failure waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The clock does not move: the engine writes only what a test asks for.
fn still() -> Settings {
    let now = SystemTime::now();
    Settings {
        clock: Arc::new(move || now),
        ..Settings::default()
    }
}

/// Returns an engine, and what can hold up its commits.
fn bench() -> (Bench, OtherProgram) {
    let bench = Bench::new(still());
    let other = bench.other_program();
    (bench, other)
}

/// Returns when a message of channel `c` waits for the store.
async fn until_waiting(engine: &Embedded) {
    let channel = ChannelName::new("c").expect("valid");
    while engine.inner.channels.shard(&channel).waiting(&channel) == 0 {
        tokio::task::yield_now().await;
    }
}

async fn publish(engine: &Embedded, channel: &str, store: Retention) -> Ulid {
    let published = engine.publish(message(channel, store)).await;
    published.expect("published").id
}

/// Starts to publish.
fn begin(
    engine: &Arc<Embedded>,
    message: NewMessage,
) -> tokio::task::JoinHandle<Result<Published, EngineError>> {
    let engine = Arc::clone(engine);
    tokio::spawn(async move { engine.publish(message).await })
}

/// Lets every other task, and every query, run for a while.
async fn others() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
        tokio::task::spawn_blocking(std::thread::yield_now)
            .await
            .expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unstored_message_waits_only_behind_stored_ones_of_its_channel() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    other.hold();
    let stored = begin(engine, message("c", Retention::Forever));
    until_waiting(engine).await;
    let behind = begin(engine, message("c", Retention::No));
    let elsewhere = publish(engine, "d", Retention::No).await;
    assert_eq!(bench.emitted(), [elsewhere]);
    other.release();
    let stored = stored.await.expect("no panic").expect("stored").id;
    let behind = behind.await.expect("no panic").expect("published").id;
    assert_eq!(bench.emitted(), [elsewhere, stored, behind]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_stored_later_waits_only_behind_those_that_are_not() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let later = |channel: &str| NewMessage {
        store_later: true,
        ..message(channel, Retention::Forever)
    };
    other.hold();
    let first = engine.publish(later("c")).await.expect("published").id;
    assert_eq!(bench.emitted(), [first]);
    let stored = begin(engine, message("c", Retention::Forever));
    until_waiting(engine).await;
    let behind = begin(engine, later("c"));
    let elsewhere = engine.publish(later("d")).await.expect("published").id;
    assert_eq!(bench.emitted(), [first, elsewhere]);
    other.release();
    let stored = stored.await.expect("no panic").expect("stored").id;
    let behind = behind.await.expect("no panic").expect("published").id;
    assert_eq!(bench.emitted(), [first, elsewhere, stored, behind]);
    assert_eq!(listed(engine, "c").await, [first, stored, behind]);
    assert_eq!(listed(engine, "d").await, [elsewhere]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_stops_waiting_delays_nobody() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    other.hold();
    let stored = begin(engine, message("c", Retention::Forever));
    until_waiting(engine).await;
    stored.abort();
    let _ = stored.await;
    let behind = begin(engine, message("c", Retention::No));
    other.release();
    let behind = behind.await.expect("no panic").expect("published").id;
    let emitted = bench.emitted();
    assert_eq!(emitted.len(), 2, "the message goes its way alone");
    assert_eq!(emitted[1], behind);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_waits_until_the_first_message_is_decided() {
    for fails in [false, true] {
        let (bench, other) = bench();
        let engine = &bench.engine;
        let same = |data: &str| NewMessage {
            deduplication_id: Some("same".into()),
            data: RawValue::from_string(data.into()).expect("JSON"),
            ..message("c", Retention::Forever)
        };
        other.hold();
        let first = begin(engine, same("1"));
        until_waiting(engine).await;
        let second = begin(engine, same("2"));
        others().await;
        assert!(!second.is_finished());
        if fails {
            other.fail_if("new.data = '1'");
        }
        other.release();
        let first = first.await.expect("no panic");
        let second = second.await.expect("no panic").expect("published");
        assert_eq!(first.is_err(), fails);
        assert_eq!(second.duplicate, !fails);
        assert_eq!(bench.emitted(), [second.id], "one of them, once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_is_not_listed() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let first = publish(engine, "c", Retention::Forever).await;
    other.fail_if("true");
    let refused = engine.publish(message("c", Retention::Forever)).await;
    assert!(refused.is_err());
    assert_eq!(listed(engine, "c").await, [first]);
    other.stop_failing();
    let second = publish(engine, "c", Retention::Forever).await;
    assert_eq!(listed(engine, "c").await, [first, second]);
    assert_eq!(bench.emitted(), [first, second]);
    let storage = engine.storage().await.expect("it has a store");
    assert_eq!(storage.messages, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishes_after_close_fail_and_delay_nobody() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    other.hold();
    let last = begin(engine, message("c", Retention::Forever));
    until_waiting(engine).await;
    let closing = tokio::spawn({
        let engine = Arc::clone(engine);
        async move { engine.close().await }
    });
    others().await;
    let late = begin(engine, message("c", Retention::Forever));
    let behind = begin(engine, message("c", Retention::No));
    others().await;
    other.release();
    let ended = timeout(PATIENCE, async {
        closing.await.expect("no panic");
        (
            last.await.expect("no panic").expect("it came in time").id,
            late.await.expect("no panic"),
            behind.await.expect("no panic").expect("needs no store").id,
        )
    });
    let (last, late, behind) = ended.await.expect("nobody waits for ever");
    assert!(matches!(late, Err(EngineError::Closed)), "{late:?}");
    assert_eq!(bench.emitted(), [last, behind]);
    assert!(engine.history(&all("c")).await.is_err());
    let later = timeout(PATIENCE, engine.publish(message("c", Retention::Forever)));
    assert!(later.await.expect("an answer").is_err());
    publish(engine, "c", Retention::No).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_do_not_go_back_after_a_kill_even_if_the_clock_does() {
    let (bench, _) = bench();
    let engine = &bench.engine;
    let first = publish(engine, "c", Retention::Forever).await;
    let last = publish(engine, "c", Retention::No).await;
    let earlier = (engine.inner.clock)() - Duration::from_secs(1800);
    // The files as they are now, as after a kill.
    let killed = tempfile::tempdir().expect("a directory");
    for name in ["hub.db", "hub.db-wal"] {
        let from = bench.directory.path().join(name);
        std::fs::copy(from, killed.path().join(name)).expect("copied");
    }
    let settings = Settings {
        clock: Arc::new(move || earlier),
        ..Settings::default()
    };
    let after = open(killed.path(), settings);
    let next = publish(&after, "c", Retention::No).await;
    assert!(first < last && last < next, "{first} {last} {next}");
    assert_eq!(listed(&after, "c").await, [first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_leave_space_for_messages() {
    const LIMIT: u64 = 1024 * 1024;
    let settings = Settings {
        storage_limit: LIMIT,
        ..still()
    };
    let bench = Bench::new(settings);
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    let data = RawValue::from_string(format!("\"{}\"", "x".repeat(30_000))).expect("JSON");
    let large = || NewMessage {
        data: data.clone(),
        ..message("c", Retention::No)
    };
    let mut scheduled = 0;
    let refusal = loop {
        match engine.schedule(now, large()).await {
            Ok(_) => scheduled += 1,
            Err(refusal) => break refusal,
        }
        assert!(scheduled < 100, "the limit is not enforced");
    };
    assert!(refusal.to_string().contains("storage limit"), "{refusal}");
    assert_eq!(scheduled, 8, "a quarter of the limit");
    let mut newest = Ulid::nil();
    for _ in 0..50 {
        let stored = NewMessage {
            store: Retention::Forever,
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
async fn a_schedule_fires_once_even_if_run_due_is_abandoned() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    for store in [Retention::Forever, Retention::No] {
        let scheduled = engine.schedule(now, message("c", store)).await;
        scheduled.expect("kept");
    }
    let fire = || {
        let engine = Arc::clone(engine);
        tokio::spawn(async move { engine.run_due().await })
    };
    other.hold();
    let first = fire();
    until_waiting(engine).await;
    first.abort();
    let _ = first.await;
    let second = fire();
    others().await;
    other.release();
    let second = second.await.expect("no panic").expect("read and written");
    assert_eq!(
        second,
        Due {
            fired: 1,
            ..Due::default()
        }
    );
    assert_eq!(bench.emitted().len(), 2, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_fails_does_not_stop_those_behind_it() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    for channel in ["bad", "good", "bad", "good"] {
        let scheduled = engine
            .schedule(now, message(channel, Retention::Forever))
            .await;
        scheduled.expect("kept");
    }
    other.fail_if("new.channel = 'bad'");
    let due = |fired, failed| {
        Ok(Due {
            fired,
            failed,
            next: None,
        })
    };
    assert_eq!(engine.run_due().await, due(2, 2));
    assert_eq!(engine.run_due().await, due(0, 2), "kept");
    other.stop_failing();
    assert_eq!(engine.run_due().await, due(2, 0));
    assert_eq!(bench.emitted().len(), 4, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_not_tried_for_each_schedule() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    for _ in 0..30 {
        let scheduled = engine.schedule(now, message("c", Retention::Forever)).await;
        scheduled.expect("kept");
    }
    other.fail_if("true");
    assert!(engine.run_due().await.is_err());
    other.stop_failing();
    assert_eq!(engine.run_due().await.expect("published").fired, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_that_exceed_their_share_are_published() {
    let settings = Settings {
        storage_limit: 64 * 1024,
        ..still()
    };
    let bench = Bench::new(settings);
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    let small = |number: u64| NewMessage {
        data: RawValue::NULL.to_owned(),
        deduplication_id: Some(format!("{number:0128}")),
        ..message("c", Retention::Forever)
    };
    let mut scheduled = 0;
    while engine.schedule(now, small(scheduled)).await.is_ok() {
        scheduled += 1;
    }
    assert!((10..1000).contains(&scheduled), "{scheduled}");
    // The limit is lowered: they take more than their share.
    let Bench {
        directory, engine, ..
    } = bench;
    drop(engine);
    let settings = Settings {
        storage_limit: 32 * 1024,
        ..still()
    };
    let engine = open(directory.path(), settings);
    assert!(engine.schedule(now, small(scheduled)).await.is_err());
    let due = engine.run_due().await.expect("published");
    assert_eq!((due.fired, due.failed), (scheduled, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_being_published_cannot_be_deleted() {
    let (bench, other) = bench();
    let engine = &bench.engine;
    let now = (engine.inner.clock)();
    let first = engine.schedule(now, message("c", Retention::Forever)).await;
    first.expect("kept");
    let second = engine.schedule(now, message("c", Retention::Forever)).await;
    let second = second.expect("kept");
    other.hold();
    let running = Arc::clone(engine);
    let running = tokio::spawn(async move { running.run_due().await });
    until_waiting(engine).await;
    let deleting = Arc::clone(engine);
    let deleting = tokio::spawn(async move { deleting.unschedule(&second).await });
    others().await;
    other.release();
    let due = running.await.expect("no panic").expect("published");
    assert_eq!(due.fired, 2);
    assert_eq!(deleting.await.expect("no panic"), Ok(false));
}
