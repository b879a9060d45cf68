//! The contract that every engine keeps, whatever it is made of.
//!
//! - [`order`]: ids, order, duplicates.
//! - [`stored`]: what is listed, for how long, and across restarts.
//! - [`state`]: connections, subscriptions, single use of tokens.
//! - [`later`], what comes then.
//! - [`records`]: what the hub keeps for itself.
//! - [`nodes`]: what holds between two engines on one server.

mod later;
mod nodes;
mod order;
mod records;
mod state;
mod stored;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use live_dashboard_hub::engine::{
    Deliver, Embedded, Engine, HistoryQuery, Message, NewMessage, NewSubscription, Redis, Settings,
};
use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::publish::Retention;
use serde_json::value::RawValue;
use tempfile::TempDir;
use ulid::Ulid;

use crate::redis_server::RedisServer;
use crate::support::PATIENCE;

/// A clock that only the test moves, either way, and time that only passes.
#[derive(Clone)]
struct Clock {
    millis: Arc<AtomicU64>,
    passed: Arc<AtomicU64>,
    start: Instant,
}

impl Clock {
    fn new() -> Self {
        Self {
            millis: Arc::new(AtomicU64::new(1_800_000_000_000)),
            passed: Arc::default(),
            start: Instant::now(),
        }
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn timer(&self) -> Instant {
        self.start + Duration::from_millis(self.passed.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    fn advance(&self, by: Duration) {
        self.jump_ahead(by);
        self.passed.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Sets the clock.
    fn jump_ahead(&self, by: Duration) {
        self.millis.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Sets the clock.
    fn go_back(&self, by: Duration) {
        self.millis.fetch_sub(millis(by), Ordering::SeqCst);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("short")
}

/// Keeps what is emitted, and counts what else it is told.
#[derive(Default)]
pub(crate) struct Node {
    emitted: Mutex<Vec<Message>>,
    pub(crate) gaps: AtomicU64,
    wakes: AtomicU64,
}

impl Node {
    /// The ids of what was emitted on a channel.
    pub(crate) fn ids(&self, on: &str) -> Vec<Ulid> {
        let all = self.emitted.lock().expect("no panic");
        let of_channel = all.iter().filter(|message| message.channel.as_str() == on);
        of_channel.map(|message| message.id).collect()
    }
}

impl Deliver for Node {
    fn deliver(&self, message: &Message) {
        self.emitted.lock().expect("no panic").push(message.clone());
    }

    fn gap(&self, _: &ChannelName) {
        self.gaps.fetch_add(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
    }
}

/// Makes an engine on a directory, where one may have been before.
type Make = dyn Fn(&Path, Clock) -> Arc<dyn Engine>;

/// An engine, what it emits, and the means to restart it.
struct Bench<'m> {
    make: &'m Make,
    directory: TempDir,
    engine: Arc<dyn Engine>,
    node: Arc<Node>,
    clock: Clock,
}

/// Starts an engine, and a node with subscribers on the channels `c` and `d`.
async fn start(make: &Make, directory: &Path, clock: &Clock) -> (Arc<dyn Engine>, Arc<Node>) {
    let engine = make(directory, clock.clone());
    let node = start_on(&engine).await;
    (engine, node)
}

/// The same on an engine that may still be starting.
pub(crate) async fn start_on(engine: &Arc<dyn Engine>) -> Arc<Node> {
    until("the engine works", async || engine.health().await.is_ok()).await;
    let node = Arc::new(Node::default());
    engine.attach(node.clone());
    for name in ["c", "d"] {
        let watcher = format!("watcher-{}", WATCHERS.fetch_add(1, Ordering::SeqCst));
        let subscribed = engine
            .subscribe(&watcher, &channel(name), uncounted())
            .await;
        subscribed.expect("subscribed");
    }
    node
}

pub(crate) fn uncounted() -> NewSubscription {
    NewSubscription {
        alias: None,
        counted: false,
        history_start: None,
    }
}

static WATCHERS: AtomicU64 = AtomicU64::new(0);

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What a node has got on a channel that it has subscribers on.
async fn emitted(engine: &dyn Engine, node: &Node, on: &str) -> Vec<Message> {
    let last = engine.publish(message(on, None)).await.expect("ok").id;
    let received = || {
        let all = node.emitted.lock().expect("no panic");
        let of_channel = all.iter().filter(|message| message.channel.as_str() == on);
        of_channel.cloned().collect::<Vec<_>>()
    };
    until("the last message comes", async || {
        received().iter().any(|message| message.id == last)
    })
    .await;
    let mut received = received();
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
    received.retain(|message| message.id != last);
    // What is for this function.
    node.emitted
        .lock()
        .expect("no panic")
        .retain(|message| message.id != last);
    received
}

impl<'m> Bench<'m> {
    async fn new(make: &'m Make) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::new();
        let (engine, node) = start(make, directory.path(), &clock).await;
        Self {
            make,
            directory,
            engine,
            node,
            clock,
        }
    }

    async fn emitted(&self, on: &str) -> Vec<Message> {
        emitted(&*self.engine, &self.node, on).await
    }

    /// Ends the engine and begins again on what it left. What was emitted
    /// before is forgotten.
    async fn restart(mut self) -> Self {
        self.engine.close().await;
        (self.engine, self.node) = start(self.make, self.directory.path(), &self.clock).await;
        self
    }
}

pub(crate) fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).expect("valid")
}

pub(crate) fn message(on: &str, deduplication_id: Option<&str>) -> NewMessage {
    NewMessage {
        channel: channel(on),
        event: EventName::new("e").expect("valid"),
        data: RawValue::from_string("1".into()).expect("JSON"),
        deduplication_id: deduplication_id.map(str::to_owned),
        store: Retention::No,
        store_later: false,
    }
}

/// The same, kept for a minute.
pub(crate) fn stored(on: &str, deduplication_id: Option<&str>) -> NewMessage {
    NewMessage {
        store: Retention::Seconds(60),
        ..message(on, deduplication_id)
    }
}

/// A query for all stored messages of a channel, at most a page.
pub(crate) fn all(of: &str) -> HistoryQuery {
    HistoryQuery {
        channel: channel(of),
        after: None,
        before: None,
        reverse: false,
        oldest: Ulid::nil(),
        event: None,
        limit: 100,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_engine() {
    let make = |directory: &Path, clock: Clock| -> Arc<dyn Engine> {
        let timer = clock.clone();
        let settings = Settings {
            clock: Arc::new(move || clock.now()),
            timer: Arc::new(move || timer.timer()),
            ..Settings::default()
        };
        Arc::new(Embedded::open(&directory.join("hub.db"), settings).expect("opens"))
    };
    keeps_the_contract(&make).await;
    order::keeps_the_contract_while_the_clock_is_set(&make).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redis_engine() {
    // The rights that the README names.
    let user = "user hub on >secret ~contract* &contract* +@all -@dangerous +info\n";
    let server = RedisServer::configured(user, &["--save", "", "--appendonly", "no"]);
    // A directory's name is a prefix, so that its engines find what the one before left.
    let make = move |directory: &Path, clock: Clock| -> Arc<dyn Engine> {
        let prefix = directory.file_name().expect("a name").to_string_lossy();
        let server = format!("redis://hub:secret@127.0.0.1:{}", server.port);
        let address = format!("{server}?prefix=contract{prefix}");
        let clock: Arc<dyn Fn() -> SystemTime + Send + Sync> = Arc::new(move || clock.now());
        Arc::new(Redis::new(
            address.parse().expect("an address"),
            Some(clock),
        ))
    };
    keeps_the_contract(&make).await;
    nodes::keep_the_contract(&make).await;
}

async fn keeps_the_contract(make: &Make) {
    order::keeps_the_contract(make).await;
    stored::keeps_the_contract(make).await;
    state::keeps_the_contract(make).await;
    later::keeps_the_contract(make).await;
    records::keeps_the_contract(make).await;
}
