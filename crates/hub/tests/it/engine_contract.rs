//! The contract that every engine keeps, whatever it is made of.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use live_dashboard_hub::engine::{Deliver, Embedded, Engine, Message, NewMessage};
use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;

/// A clock that only the test moves, either way.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_800_000_000_000)))
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("short");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn go_back(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("short");
        self.0.fetch_sub(millis, Ordering::SeqCst);
    }
}

/// Keeps what is emitted.
#[derive(Default)]
struct Node(Mutex<Vec<Message>>);

impl Deliver for Node {
    fn deliver(&self, message: &Message) {
        self.0.lock().expect("no panic").push(message.clone());
    }
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

struct Bench {
    engine: Arc<dyn Engine>,
    node: Arc<Node>,
    clock: Clock,
}

impl Bench {
    fn new(make: &dyn Fn(Clock) -> Arc<dyn Engine>) -> Self {
        let clock = Clock::new();
        let engine = make(clock.clone());
        let node = Arc::new(Node::default());
        engine.attach(node.clone());
        Self {
            engine,
            node,
            clock,
        }
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
    }
}

async fn keeps_the_contract(make: &dyn Fn(Clock) -> Arc<dyn Engine>) {
    ids_grow_even_where_the_clock_goes_back(Bench::new(make)).await;
    emits_in_the_order_of_ids(Bench::new(make)).await;
    drops_duplicates_for_five_minutes(Bench::new(make)).await;
    one_of_many_duplicates_wins(Bench::new(make)).await;
    a_single_use_is_taken_once(Bench::new(make)).await;
    counts_subscriptions(Bench::new(make)).await;
}

async fn ids_grow_even_where_the_clock_goes_back(bench: Bench) {
    let first = bench.engine.publish(message("c", None)).await.expect("ok");
    bench.clock.go_back(Duration::from_secs(3600));
    let second = bench.engine.publish(message("c", None)).await.expect("ok");
    bench.clock.advance(Duration::from_secs(7200));
    let third = bench.engine.publish(message("c", None)).await.expect("ok");
    assert!(first.id < second.id && second.id < third.id);
}

async fn emits_in_the_order_of_ids(bench: Bench) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move {
                for _ in 0..50 {
                    engine.publish(message("c", None)).await.expect("ok");
                    engine.publish(message("d", None)).await.expect("ok");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    for name in ["c", "d"] {
        let emitted = bench.node.emitted(&channel(name));
        assert_eq!(emitted.len(), 400);
        assert!(emitted.is_sorted_by(|a, b| a.id < b.id), "{name}");
    }
}

async fn drops_duplicates_for_five_minutes(bench: Bench) {
    let publish = |on: &'static str| bench.engine.publish(message(on, Some("d")));
    let first = publish("c").await.expect("ok");
    let other = publish("other").await.expect("ok");
    assert!(!first.duplicate && !other.duplicate, "each channel its own");
    bench.clock.advance(Duration::from_secs(299));
    bench.engine.sweep().await;
    let second = publish("c").await.expect("ok");
    assert!(second.duplicate);
    assert_eq!(second.id, first.id);
    bench.clock.advance(Duration::from_secs(1));
    assert!(
        !publish("c").await.expect("ok").duplicate,
        "the time is over"
    );
    assert_eq!(bench.node.emitted(&channel("c")).len(), 2);
}

async fn one_of_many_duplicates_wins(bench: Bench) {
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.publish(message("c", Some("d"))).await })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        let published = task.await.expect("no panic").expect("ok");
        fresh += usize::from(!published.duplicate);
    }
    assert_eq!(fresh, 1);
    assert_eq!(bench.node.emitted(&channel("c")).len(), 1);
}

async fn a_single_use_is_taken_once(bench: Bench) {
    let until = bench.clock.now() + Duration::from_secs(60);
    assert!(!bench.engine.is_used("t").await.expect("ok"));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.use_once("t", until).await })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        taken += usize::from(task.await.expect("no panic").expect("ok"));
    }
    assert_eq!(taken, 1);
    bench.clock.advance(Duration::from_secs(59));
    bench.engine.sweep().await;
    assert!(bench.engine.is_used("t").await.expect("ok"));
    assert!(bench.engine.use_once("u", until).await.expect("ok"));
}

async fn counts_subscriptions(bench: Bench) {
    let (c, d) = (channel("c"), channel("d"));
    let engine = &bench.engine;
    engine.subscribe("1", &c, true).await.expect("ok");
    engine.subscribe("1", &c, true).await.expect("ok");
    engine.subscribe("1", &d, true).await.expect("ok");
    engine.subscribe("2", &c, true).await.expect("ok");
    engine.subscribe("3", &c, false).await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(2));
    engine.unsubscribe("2", &c).await.expect("ok");
    engine.unsubscribe("2", &c).await.expect("ok");
    engine.unsubscribe("3", &c).await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(1));
    engine.disconnect("1").await.expect("ok");
    engine.disconnect("1").await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(0));
    assert_eq!(engine.subscriptions(&d).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_engine() {
    keeps_the_contract(&|clock| Arc::new(Embedded::with_clock(move || clock.now()))).await;
}
