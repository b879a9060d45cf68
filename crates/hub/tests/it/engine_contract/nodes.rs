//! Two engines on one server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use live_dashboard_hub::engine::{Engine, Message, NewSubscription};
use tempfile::TempDir;
use ulid::Ulid;

use super::records::{changes, records};
use super::{Clock, Make, Node, all, channel, emitted, message, start, stored, until};

pub(super) async fn keep_the_contract(make: &Make) {
    both_see_one_order(Pair::new(make).await).await;
    a_subscription_begins_without_a_gap(Pair::new(make).await).await;
    a_duplicate_is_one_on_both(Pair::new(make).await).await;
    stored_messages_and_used_tokens_are_common(Pair::new(make).await).await;
    connections_are_known_until_their_node_dies(Pair::new(make).await).await;
    counts_are_of_all_that_live(Pair::new(make).await).await;
    what_is_due_is_published_once(Pair::new(make).await).await;
    a_new_schedule_wakes_the_other(Pair::new(make).await).await;
    one_has_the_lease(Pair::new(make).await).await;
    records_are_changed_by_who_has_the_lease(Pair::new(make).await).await;
    other_settings_are_noticed(Pair::new(make).await).await;
}

/// Longer than the lease of a node.
const DEAD: Duration = Duration::from_secs(30);

struct Pair {
    engines: [Arc<dyn Engine>; 2],
    nodes: [Arc<Node>; 2],
    clock: Clock,
    _directory: TempDir,
}

impl Pair {
    async fn new(make: &Make) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::new();
        let path: &Path = directory.path();
        let (one, first) = start(make, path, &clock).await;
        let (other, second) = start(make, path, &clock).await;
        Self {
            engines: [one, other],
            nodes: [first, second],
            clock,
            _directory: directory,
        }
    }

    /// Ends the second node without a word. The first learns it when it sweeps.
    async fn kill_second(self) -> (Arc<dyn Engine>, Clock, TempDir) {
        let [first, second] = self.engines;
        drop(second);
        self.clock.advance(DEAD);
        first.sweep().await;
        (first, self.clock, self._directory)
    }
}

fn viewing() -> NewSubscription {
    NewSubscription {
        alias: Some("alias".into()),
        counted: true,
        history_start: None,
    }
}

fn ids(messages: &[Message]) -> Vec<Ulid> {
    messages.iter().map(|message| message.id).collect()
}

async fn both_see_one_order(pair: Pair) {
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let engine = Arc::clone(&pair.engines[number % 2]);
            tokio::spawn(async move {
                for _ in 0..25 {
                    engine.publish(message("c", None)).await.expect("ok");
                    engine.publish(stored("c", None)).await.expect("ok");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let first = emitted(&*pair.engines[0], &pair.nodes[0], "c").await;
    let mut second = emitted(&*pair.engines[0], &pair.nodes[1], "c").await;
    // The last message of the first call came to both.
    second.pop();
    assert_eq!(first.len(), 400);
    assert!(first.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!(ids(&first), ids(&second));
}

async fn a_subscription_begins_without_a_gap(pair: Pair) {
    let [one, other] = &pair.engines;
    for number in 0..20 {
        let name = format!("x{number}");
        let publisher = {
            let (other, name) = (Arc::clone(other), name.clone());
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for _ in 0..20 {
                    ids.push(other.publish(message(&name, None)).await.expect("ok").id);
                }
                ids
            })
        };
        let subscribed = one.subscribe("v", &channel(&name), viewing()).await;
        subscribed.expect("ok");
        let mut ids = publisher.await.expect("no panic");
        ids.push(other.publish(message(&name, None)).await.expect("ok").id);
        let last = ids.last();
        until("the last one comes", async || {
            pair.nodes[0].ids(&name).last() == last
        })
        .await;
        assert!(ids.ends_with(&pair.nodes[0].ids(&name)));
    }
    assert_eq!(pair.nodes[0].gaps.load(Ordering::SeqCst), 0);
}

async fn a_duplicate_is_one_on_both(pair: Pair) {
    let tasks = (0..20).map(|number| {
        let engine = Arc::clone(&pair.engines[number % 2]);
        tokio::spawn(async move { engine.publish(message("c", Some("d"))).await })
    });
    let mut published = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        published.push(task.await.expect("no panic").expect("ok"));
    }
    published.dedup_by_key(|one| one.id);
    assert_eq!(published.len(), 1, "all get one id");
    for node in &pair.nodes {
        let mut emitted = ids(&emitted(&*pair.engines[1], node, "c").await);
        emitted.truncate(1);
        assert_eq!(emitted, [published[0].id]);
    }
}

async fn stored_messages_and_used_tokens_are_common(pair: Pair) {
    let [one, other] = &pair.engines;
    let id = one.publish(stored("c", None)).await.expect("ok").id;
    assert_eq!(ids(&other.history(&all("c")).await.expect("ok")), [id]);
    let until = pair.clock.now() + Duration::from_secs(60);
    assert_eq!(one.use_once("t", until).await, Ok(true));
    assert_eq!(other.is_used("t").await, Ok(true));
    assert_eq!(other.use_once("t", until).await, Ok(false));
}

async fn connections_are_known_until_their_node_dies(pair: Pair) {
    let [one, other] = &pair.engines;
    let c = channel("c");
    for (connection, engine) in [("left", other), ("lost", other)] {
        engine.connect(connection, "secret").await.expect("ok");
        engine
            .subscribe(connection, &c, viewing())
            .await
            .expect("ok");
        assert_eq!(one.secret(connection).await, Ok(Some("secret".into())));
        let known = one.subscription(connection, &channel("alias")).await;
        assert_eq!(known, engine.subscription(connection, &c).await);
        assert!(known.is_ok_and(|known| known.is_some()));
    }
    other
        .subscribe("lost", &channel("d"), viewing())
        .await
        .expect("ok");
    other.unsubscribe("lost", &c).await.expect("ok");
    assert_eq!(one.subscription("lost", &c).await, Ok(None));
    other.disconnect("left").await.expect("ok");
    assert_eq!(one.secret("left").await, Ok(None));
    let (one, ..) = pair.kill_second().await;
    assert_eq!(one.secret("lost").await, Ok(None));
    assert_eq!(one.subscription("lost", &channel("d")).await, Ok(None));
}

async fn counts_are_of_all_that_live(pair: Pair) {
    let [one, other] = &pair.engines;
    let c = channel("c");
    let counted = |engine: &Arc<dyn Engine>, count| {
        let (engine, c) = (Arc::clone(engine), channel("c"));
        async move {
            let is_right = async || engine.subscriptions(&c).await == Ok(count);
            until(&format!("{count} are counted"), is_right).await;
        }
    };
    for number in 0..10 {
        let engine = [one, other][number % 2];
        let connection = number.to_string();
        engine
            .subscribe(&connection, &c, viewing())
            .await
            .expect("ok");
    }
    counted(one, 10).await;
    counted(other, 10).await;
    one.disconnect("0").await.expect("ok");
    counted(other, 9).await;
    let (one, ..) = pair.kill_second().await;
    counted(&one, 4).await;
}

async fn what_is_due_is_published_once(pair: Pair) {
    let now = pair.clock.now();
    for number in 0..150 {
        let engine = &pair.engines[number % 2];
        engine.schedule(now, stored("c", None)).await.expect("ok");
    }
    let tasks = (0..8).map(|number| {
        let engine = Arc::clone(&pair.engines[number % 2]);
        tokio::spawn(async move { engine.run_due().await })
    });
    let mut fired = 0;
    for task in tasks.collect::<Vec<_>>() {
        fired += task.await.expect("no panic").expect("ok").fired;
    }
    assert_eq!(fired, 150);
    let emitted = emitted(&*pair.engines[0], &pair.nodes[1], "c").await;
    assert_eq!(emitted.len(), 150);
    assert_eq!(pair.engines[0].schedules(10).await, Ok(Vec::new()));
}

async fn a_new_schedule_wakes_the_other(pair: Pair) {
    let wakes = || pair.nodes[1].wakes.load(Ordering::SeqCst);
    let before = wakes();
    let at = pair.clock.now() + Duration::from_secs(60);
    let name = pair.engines[0].schedule(at, message("c", None)).await;
    until("it is woken", async || wakes() > before).await;
    assert_eq!(
        pair.engines[1].unschedule(&name.expect("ok")).await,
        Ok(true)
    );
}

async fn records_are_changed_by_who_has_the_lease(pair: Pair) {
    let [one, other] = &pair.engines;
    let minute = Duration::from_secs(60);
    let change = |value: &str| changes(&[("a", Some(value))]);
    assert_eq!(one.change_records("r", change("0")).await, Ok(false));
    assert_eq!(one.lease("r", minute).await, Ok(true));
    assert_eq!(one.change_records("r", change("1")).await, Ok(true));
    assert_eq!(other.change_records("r", change("2")).await, Ok(false));
    assert_eq!(other.records("r").await, Ok(records(&[("a", "1")])));
    one.close().await;
    assert_eq!(other.lease("r", minute).await, Ok(true));
    assert_eq!(other.change_records("r", change("3")).await, Ok(true));
    assert_eq!(other.records("r").await, Ok(records(&[("a", "3")])));
}

async fn one_has_the_lease(pair: Pair) {
    let minute = Duration::from_secs(60);
    let [one, other] = &pair.engines;
    for _ in 0..2 {
        assert_eq!(one.lease("l", minute).await, Ok(true));
        assert_eq!(other.lease("l", minute).await, Ok(false));
        assert_eq!(other.lease("m", minute).await, Ok(true));
    }
    one.close().await;
    assert_eq!(other.lease("l", minute).await, Ok(true), "it was given up");
    let short = Duration::from_millis(50);
    assert_eq!(other.lease("n", short).await, Ok(true));
}

async fn other_settings_are_noticed(pair: Pair) {
    let digests = |keys: &str, more: &str| {
        [("keys", keys), (more, "1")]
            .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
            .into()
    };
    let [one, other] = &pair.engines;
    assert_eq!(one.compare(digests("1", "a")).await, Ok([].into()));
    assert_eq!(other.compare(digests("1", "b")).await, Ok([].into()));
    assert_eq!(
        one.compare(digests("2", "b")).await,
        Ok(["keys".into()].into())
    );
    let (one, ..) = pair.kill_second().await;
    assert_eq!(one.compare(digests("2", "b")).await, Ok([].into()));
}
