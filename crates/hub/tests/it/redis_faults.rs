//! The engine on a Redis that fails: what is lost is told, and the rest comes in order.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use live_dashboard_hub::engine::{Engine, EngineError, MAX_READ_MESSAGES, NewMessage, Redis};
use ulid::Ulid;

use crate::engine_contract::{Node, all, channel, message, start_on, stored, uncounted, until};
use crate::proxy::Proxy;
use crate::redis_server::RedisServer;

/// Survives a kill.
const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

fn engine(url: &str) -> Arc<dyn Engine> {
    Arc::new(Redis::new(url.parse().expect("an address"), None))
}

/// An engine that a node with subscribers on `c` is attached to.
pub(crate) async fn attached(url: &str) -> (Arc<dyn Engine>, Arc<Node>) {
    let engine = engine(url);
    let node = start_on(&engine).await;
    (engine, node)
}

/// Publishes as a publisher does that repeats what may have failed. `name` makes that safe.
pub(crate) async fn publish(engine: &dyn Engine, new: NewMessage, name: &str) -> Ulid {
    let again = NewMessage {
        deduplication_id: Some(name.to_owned()),
        ..new
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match engine.publish(again.clone()).await {
            Ok(published) => return published.id,
            Err(error) => {
                assert!(error.is_uncertain(), "{error}");
                assert!(Instant::now() < deadline, "{error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn until_failing(engine: &dyn Engine) {
    until("it is noticed", async || engine.health().await.is_err()).await;
}

async fn until_working(engine: &dyn Engine) {
    until("it works again", async || engine.health().await.is_ok()).await;
}

/// Waits until a node has got a message, and returns all that it got on `c`.
pub(crate) async fn received(node: &Node, last: Ulid) -> Vec<Ulid> {
    until("the last message comes", async || {
        node.ids("c").contains(&last)
    })
    .await;
    node.ids("c")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_that_was_acknowledged() {
    let mut server = RedisServer::with(&DURABLE);
    let (engine, node) = attached(&server.url()).await;
    let mut ids = Vec::new();
    for round in 0..3 {
        for number in 0..5 {
            let name = format!("{round} {number}");
            ids.push(publish(&*engine, stored("c", None), &name).await);
        }
        server.kill();
        until_failing(&*engine).await;
        let refused = engine.publish(stored("c", None)).now_or_never();
        let refused = refused.expect("it does not wait").expect_err("refused");
        assert!(refused.is_uncertain(), "{refused}");
        server.restart();
    }
    ids.push(publish(&*engine, stored("c", None), "last").await);
    assert_eq!(received(&node, ids[15]).await, ids);
    let listed = engine.history(&all("c")).await.expect("ok");
    let listed: Vec<Ulid> = listed.iter().map(|message| message.id).collect();
    assert_eq!(listed, ids);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_lost_all_is_a_gap() {
    let mut server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    engine.connect("viewer", "secret").await.expect("ok");
    let viewing = uncounted;
    engine
        .subscribe("viewer", &channel("c"), viewing())
        .await
        .expect("ok");
    let before = publish(&*engine, stored("c", None), "1").await;
    received(&node, before).await;
    server.restart();
    until_working(&*engine).await;
    let after = publish(&*engine, message("c", None), "2").await;
    assert_eq!(received(&node, after).await, [before, after]);
    assert!(after > before);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 1);
    // Others know its connections again.
    let other = self::engine(&server.url());
    until_working(&*other).await;
    let known = async || other.secret("viewer").await == Ok(Some("secret".into()));
    until("the connection is known", known).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_noticed_and_comes_back() {
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let first = publish(&*engine, stored("c", None), "1").await;
    received(&node, first).await;
    server.freeze(true);
    assert_eq!(
        engine.publish(message("d", None)).await,
        Err(EngineError::TimedOut)
    );
    until_failing(&*engine).await;
    server.freeze(false);
    let last = publish(&*engine, stored("c", None), "2").await;
    assert_eq!(received(&node, last).await, [first, last]);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_cut_off_gets_what_is_stored_in_order() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port).await;
    let (engine, node) = attached(&format!("redis://{}", proxy.address)).await;
    let (other, direct) = attached(&server.url()).await;
    let mut ids = vec![publish(&*other, stored("c", None), "0").await];
    received(&node, ids[0]).await;
    proxy.cut(true);
    for number in 1..100 {
        ids.push(publish(&*other, stored("c", None), &number.to_string()).await);
    }
    until_failing(&*engine).await;
    proxy.cut(false);
    // Nothing more is published: the node looks by itself.
    assert_eq!(received(&node, ids[99]).await, ids);
    assert_eq!(received(&direct, ids[99]).await, ids);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_cut_off_is_told_of_what_is_not_stored() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port).await;
    let (engine, node) = attached(&format!("redis://{}", proxy.address)).await;
    let (other, direct) = attached(&server.url()).await;
    for is_quiet in [true, false] {
        let gaps = node.gaps.load(Ordering::SeqCst);
        let first = publish(&*other, message("c", None), &format!("1 {is_quiet}")).await;
        received(&node, first).await;
        proxy.cut(true);
        let lost = publish(&*other, message("c", None), &format!("2 {is_quiet}")).await;
        let kept = publish(&*other, stored("c", None), &format!("3 {is_quiet}")).await;
        until_failing(&*engine).await;
        proxy.cut(false);
        if !is_quiet {
            // Until it is subscribed again, it misses these too.
            let before = node.ids("c").len();
            until("it gets messages again", async || {
                other.publish(message("c", None)).await.expect("ok");
                node.ids("c").len() > before
            })
            .await;
        }
        let got = received(&node, kept).await;
        assert!(got.is_sorted() && !got.contains(&lost));
        assert_eq!(node.gaps.load(Ordering::SeqCst), gaps + 1);
        assert!(received(&direct, kept).await.contains(&lost));
    }
    assert_eq!(direct.gaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_missed_too_much_is_told() {
    let server = RedisServer::start();
    let proxy = Proxy::to(server.port).await;
    let (engine, node) = attached(&format!("redis://{}", proxy.address)).await;
    let (other, _) = attached(&server.url()).await;
    proxy.cut(true);
    for round in 1..=2 {
        until_failing(&*engine).await;
        let missed = (0..MAX_READ_MESSAGES + round - 1).map(|_| stored("c", None));
        let missed = other.publish_all(missed.collect()).await;
        proxy.cut(false);
        let told = round - 1;
        let is_settled = async || {
            let is_told = node.gaps.load(Ordering::SeqCst) == told as u64;
            is_told && (told > 0 || node.ids("c").len() == missed.len())
        };
        until("it is delivered or told", is_settled).await;
        assert_eq!(node.ids("c").len(), MAX_READ_MESSAGES, "no part of it");
        proxy.cut(true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_and_keeps_what_it_has() {
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let first = publish(&*engine, stored("c", None), "1").await;
    server
        .cli(&["config", "set", "maxmemory", "1"])
        .expect("set");
    let refused = engine.publish(stored("c", Some("2"))).await;
    assert!(matches!(refused, Err(EngineError::Store(_))), "{refused:?}");
    let several = vec![stored("c", Some("2")), message("c", None)];
    for refused in engine.publish_all(several).await {
        assert!(matches!(refused, Err(EngineError::Store(_))), "{refused:?}");
    }
    assert!(engine.health().await.is_ok());
    server
        .cli(&["config", "set", "maxmemory", "0"])
        .expect("set");
    let second = engine.publish(stored("c", Some("2"))).await.expect("ok");
    assert!(!second.duplicate, "nothing of the refused one is left");
    assert_eq!(received(&node, second.id).await, [first, second.id]);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_published_is_due_again_at_once() {
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let history = "live-dashboard:{c:c}#history";
    server.cli(&["set", history, "not a stream"]).expect("set");
    let now = std::time::SystemTime::now();
    engine.schedule(now, stored("c", None)).await.expect("ok");
    let due = engine.run_due().await.expect("ok");
    assert_eq!((due.fired, due.failed), (0, 1));
    server.cli(&["del", history]).expect("deleted");
    let due = engine.run_due().await.expect("ok");
    assert_eq!((due.fired, due.failed), (1, 0));
    until("it comes", async || node.ids("c").len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_the_user_is_unavailable() {
    let users = "user may on >secret ~* &* +@all\nuser not on >secret ~* &* +@all -info\n";
    let server = RedisServer::configured(users, &["--requirepass", "other"]);
    let url = |user: &str| format!("redis://{user}127.0.0.1:{}", server.port);
    refused(&url(""), "NOAUTH").await;
    refused(&url("may:wrong@"), "WRONGPASS").await;
    refused(&url("not:secret@"), "NoPerm").await;
    attached(&url("may:secret@")).await;
}

/// An engine that the server refuses, for a reason with this word.
pub(crate) async fn refused(url: &str, word: &str) {
    let engine = engine(url);
    let is_told = async || {
        let health = engine.health().await;
        health.is_err_and(|error| error.to_string().contains(word))
    };
    until(word, is_told).await;
    let published = engine.publish(stored("c", None)).await;
    assert!(
        matches!(published, Err(EngineError::Unavailable(_))),
        "{published:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_claimed_that_died_is_published_once_by_another() {
    let server = RedisServer::start();
    let (engine, node) = attached(&server.url()).await;
    let now = std::time::SystemTime::now();
    for is_fired in [false, true] {
        let before = node.ids("c").len();
        let name = engine.schedule(now, message("c", None)).await.expect("ok");
        let id = name.rsplit('/').next().expect("an id");
        let key = |part: &str| format!("live-dashboard:{{schedules}}:{part}");
        if is_fired {
            let fired = format!("live-dashboard:{{c:c}}#fired:{id}");
            server
                .cli(&["set", &fired, "99999999999999-0"])
                .expect("set");
        }
        // What a node leaves that dies while it publishes.
        for (claim, ends) in [("future", "99999999999999"), ("past", "1")] {
            server.cli(&["zadd", &key("due"), ends, id]).expect("set");
            server
                .cli(&["zadd", &key("claims"), ends, id])
                .expect("set");
            if claim == "future" {
                let busy = engine.unschedule(&name).await;
                assert!(matches!(busy, Err(EngineError::Busy(_))), "{busy:?}");
            }
            let due = engine.run_due().await.expect("ok");
            let is_due = claim == "past" && !is_fired;
            assert_eq!(due.fired, u64::from(is_due), "{claim}");
        }
        assert_eq!(engine.schedules(10).await, Ok(Vec::new()));
        let last = publish(&*engine, message("c", None), &name).await;
        let received = received(&node, last).await;
        assert_eq!(received.len() - before, 1 + usize::from(!is_fired));
    }
}
