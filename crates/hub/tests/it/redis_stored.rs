//! What the engine keeps on a Redis: in how many steps, for how long, and how it is found.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use live_dashboard_hub::engine::{Engine, EngineError, HistoryQuery, NewMessage, Redis, Retention};
use live_dashboard_protocol::name::EventName;

use crate::engine_contract::{all, channel, message, stored, uncounted, until};
use crate::redis_faults::{attached, publish, received};
use crate::redis_server::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn several_messages_take_one_round_trip() {
    const MESSAGES: u64 = 1000;
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let reads = || -> u64 {
        let info = server.cli(&["info", "stats"]).expect("info");
        let mut lines = info.lines();
        let reads = lines.find_map(|line| line.strip_prefix("total_reads_processed:"));
        reads.expect("counted").parse().expect("a number")
    };
    let before = reads();
    let messages = (0..MESSAGES).map(|_| stored("c", None)).collect();
    let results = engine.publish_all(messages).await;
    // A read is of 16 KiB at most, and other connections are read from too.
    let needed = reads() - before;
    assert!(needed < MESSAGES / 4, "{needed}");
    let ids: Vec<_> = results.into_iter().map(|one| one.expect("ok").id).collect();
    assert_eq!(received(&node, *ids.last().expect("many")).await, ids);
    server.freeze(true);
    let several = vec![message("c", None), message("c", None)];
    let late = engine.publish_all(several).await;
    assert_eq!(late, [const { Err(EngineError::TimedOut) }; 2]);
    server.freeze(false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_a_channel_expire() {
    let server = RedisServer::start();
    let (engine, _) = attached(&server.url()).await;
    let until = std::time::SystemTime::now() + Duration::from_secs(60);
    engine.use_once("t", until).await.expect("ok");
    publish(&*engine, stored("c", None), "1").await;
    publish(&*engine, message("d", None), "1").await;
    engine
        .lease("l", Duration::from_secs(60))
        .await
        .expect("ok");
    engine.sweep().await;
    let keys = server.cli(&["keys", "*"]).expect("keys");
    assert!(keys.lines().count() >= 10, "{keys}");
    for key in keys.lines() {
        let left: i64 = server
            .cli(&["ttl", key])
            .expect("a time")
            .parse()
            .expect("a number");
        assert!(left > 0, "{key} has {left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_stays_as_long_as_its_longest_retention() {
    let server = RedisServer::start();
    let (engine, _) = attached(&server.url()).await;
    let keep = async |on: &str, store| {
        let new = NewMessage {
            store,
            ..message(on, None)
        };
        engine.publish(new).await.expect("ok");
    };
    let key = |of: &str, part: &str| format!("live-dashboard:{{c:{of}}}#{part}");
    let left = |of: &str, part: &str| -> i64 {
        let left = server.cli(&["ttl", &key(of, part)]).expect("a time");
        left.parse().expect("a number")
    };
    for seconds in [600, 60] {
        keep("c", Retention::Seconds(seconds)).await;
        assert!(left("c", "history") > 60, "not the last one's");
    }
    keep("c", Retention::Forever).await;
    keep("c", Retention::Seconds(60)).await;
    assert_eq!((left("c", "history"), left("c", "state")), (-1, -1));
    server.cli(&["del", &key("c", "history")]).expect("deleted");
    keep("c", Retention::Seconds(60)).await;
    assert!(left("c", "history") > 0 && left("c", "state") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_messages_make_room() {
    let server = RedisServer::start();
    let millis = Arc::new(AtomicU64::new(1_800_000_000_000));
    let clock = Arc::clone(&millis);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_millis(clock.load(Ordering::SeqCst));
    let address = server.url().parse().expect("an address");
    let engine = Redis::new(address, Some(Arc::new(now)));
    until("it works", async || engine.health().await.is_ok()).await;
    let several = |count| (0..count).map(|_| stored("c", None)).collect();
    engine.publish_all(several(1000)).await;
    millis.fetch_add(120_000, Ordering::SeqCst);
    engine.publish_all(several(64)).await;
    let length = server.cli(&["xlen", "live-dashboard:{c:c}#history"]);
    let length: u64 = length.expect("a length").parse().expect("a number");
    assert!((64..300).contains(&length), "{length}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_among_many_others() {
    let server = RedisServer::start();
    let (engine, _) = attached(&server.url()).await;
    let rare = EventName::new("rare").expect("valid");
    let found = NewMessage {
        event: rare.clone(),
        ..stored("c", None)
    };
    let first = engine.publish(found.clone()).await.expect("ok").id;
    for _ in 0..6 {
        let others = (0..1000).map(|_| stored("c", None)).collect();
        engine.publish_all(others).await;
    }
    let last = engine.publish(found).await.expect("ok").id;
    for reverse in [false, true] {
        let query = HistoryQuery {
            event: Some(rare.clone()),
            reverse,
            ..all("c")
        };
        let found = engine.history(&query).await.expect("ok");
        let ids: Vec<_> = found.iter().map(|message| message.id).collect();
        let expected = if reverse {
            [last, first]
        } else {
            [first, last]
        };
        assert_eq!(ids, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_leaves_topics_that_nobody_watches() {
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let topics = || {
        server
            .cli(&["pubsub", "channels", "*c:e}*"])
            .unwrap_or_default()
    };
    let e = channel("e");
    for watched in 1..=2 {
        engine.subscribe("v", &e, uncounted()).await.expect("ok");
        assert_eq!(topics(), "live-dashboard:{c:e}#messages");
        let id = engine.publish(message("e", None)).await.expect("ok").id;
        until("it comes", async || node.ids("e").last() == Some(&id)).await;
        engine.disconnect("v").await.expect("ok");
        engine.sweep().await;
        assert_eq!(topics(), "", "{watched}");
        engine.publish(message("e", None)).await.expect("ok");
    }
    assert_eq!(
        (node.ids("e").len(), node.gaps.load(Ordering::SeqCst)),
        (2, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_gives_up_only_leases_that_it_has() {
    let server = RedisServer::start();
    let (one, _) = attached(&server.url()).await;
    let (other, _) = attached(&server.url()).await;
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(60));
    assert_eq!(one.lease("l", short).await, Ok(true));
    let is_taken = async || other.lease("l", long).await == Ok(true);
    until("it ends", is_taken).await;
    one.close().await;
    let owner = server.cli(&["exists", "live-dashboard:{nodes}:lease:l"]);
    assert_eq!(owner.as_deref(), Some("1"));
}
