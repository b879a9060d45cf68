//! The contract that every engine keeps, whatever it is made of.
//!
//! - [`order`]: ids, order, duplicates.
//! - [`stored`]: what is listed, for how long, and across restarts.
//! - [`state`]: connections, subscriptions, single use of tokens.
//! - [`later`], what comes then.

mod later;
mod order;
mod state;
mod stored;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use live_dashboard_hub::engine::{Deliver, Embedded, Engine, Message, NewMessage, Settings};
use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::publish::Retention;
use serde_json::value::RawValue;
use tempfile::TempDir;

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

/// Keeps what is emitted.
#[derive(Default)]
struct Node(Mutex<Vec<Message>>);

impl Deliver for Node {
    fn deliver(&self, message: &Message) {
        self.0.lock().expect("no panic").push(message.clone());
    }

    fn gap(&self, channel: &ChannelName) {
        panic!("there is none on {channel}");
    }

    fn wake(&self) {}
}

impl Node {
    fn emitted(&self, on: &ChannelName) -> Vec<Message> {
        let all = self.0.lock().expect("no panic");
        all.iter()
            .filter(|message| message.channel == *on)
            .cloned()
            .collect()
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

impl<'m> Bench<'m> {
    fn new(make: &'m Make) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::new();
        let engine = make(directory.path(), clock.clone());
        let node = Arc::new(Node::default());
        engine.attach(node.clone());
        Self {
            make,
            directory,
            engine,
            node,
            clock,
        }
    }

    /// Ends the engine and begins again on what it left. What was emitted
    /// before is forgotten.
    async fn restart(mut self) -> Self {
        self.engine.close().await;
        self.engine = (self.make)(self.directory.path(), self.clock.clone());
        self.node = Arc::new(Node::default());
        self.engine.attach(self.node.clone());
        self
    }
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).expect("valid")
}

fn message(on: &str, deduplication_id: Option<&str>) -> NewMessage {
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
fn stored(on: &str, deduplication_id: Option<&str>) -> NewMessage {
    NewMessage {
        store: Retention::Seconds(60),
        ..message(on, deduplication_id)
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
    order::keeps_the_contract(&make).await;
    stored::keeps_the_contract(&make).await;
    state::keeps_the_contract(&make).await;
    later::keeps_the_contract(&make).await;
}
