//! What a delivery and a publish cost, counted: writes and allocations do not depend on
//! the machine or on what else it does.
//!
//! - [`process`]: system calls and instructions of the whole process.

mod process;

use std::alloc::System;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use live_dashboard_hub::config::{Config, Options};
use live_dashboard_hub::engine::{Deliver, Message};
use live_dashboard_hub::metrics::Metrics;
use live_dashboard_hub::outbox::{DirectWrite, Drain, Pacer, Rules, Waiting, Writer, outbox};
use live_dashboard_hub::registry::{Registry, Subscription};
use live_dashboard_hub::{assemble, serve};
use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::yield_now;
use ulid::Ulid;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Held by each test, as all allocations are counted.
static TURN: Mutex<()> = Mutex::const_new(());

const VIEWERS: usize = 1000;
const MESSAGES: usize = 100;

/// Counts writes.
#[derive(Default)]
struct Sink(AtomicUsize);

impl DirectWrite for Sink {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Publishes to viewers; returns how many writes and allocations that took.
async fn deliver(coalesce: Duration) -> (usize, usize) {
    let rules = Arc::new(Rules {
        limit: 1 << 20,
        waiting: Waiting::new(1 << 30),
        pacer: Arc::new(Pacer::new(coalesce)),
    });
    let registry = Registry::new(Arc::new(Metrics::new(None, &[])), Arc::clone(&rules));
    let channel = ChannelName::new("c").expect("valid");
    let sink = Arc::new(Sink::default());
    let connect = |_| {
        let (outbox, drain) = outbox(Arc::clone(&rules), Writer::Direct(sink.clone()));
        let subscription = registry.subscribe(&channel, outbox);
        subscription.open("");
        (subscription, drain)
    };
    let _viewers: Vec<(Arc<Subscription>, Drain)> = (0..VIEWERS).map(connect).collect();
    let message = Message {
        id: Ulid::nil(),
        channel: channel.clone(),
        event: EventName::new("e").expect("valid"),
        data: RawValue::NULL.to_owned(),
    };
    sink.0.store(0, Ordering::Relaxed);
    let region = Region::new(ALLOCATOR);
    for _ in 0..MESSAGES {
        registry.deliver(&message);
        for _ in 0..20 {
            yield_now().await;
        }
    }
    // The clock goes on while all wait.
    tokio::time::sleep(2 * coalesce).await;
    let allocations = region.change().allocations;
    (sink.0.load(Ordering::Relaxed), allocations)
}

#[tokio::test(start_paused = true)]
async fn a_delivery_is_one_write_and_no_allocation() {
    let _turn = TURN.lock().await;
    let (writes, allocations) = deliver(Duration::ZERO).await;
    assert_eq!(writes, VIEWERS * MESSAGES);
    // A message is encoded once, and each lane has a task for it: 0.02 for each delivery.
    let limit = 20 * MESSAGES;
    assert!(
        allocations <= limit,
        "{allocations} allocations, more than {limit}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_two_writes_to_each_viewer() {
    let _turn = TURN.lock().await;
    let (writes, allocations) = deliver(Duration::from_millis(16)).await;
    assert_eq!(writes, VIEWERS * 2);
    let limit = 20 * MESSAGES;
    assert!(
        allocations <= limit,
        "{allocations} allocations, more than {limit}"
    );
}

#[tokio::test]
async fn a_publish_allocates_little() {
    const KEY: &str = "0123456789012345678901234567890123456789";
    const PUBLISHES: usize = 1000;
    /// Those of the HTTP server, the parser and the engine, with some room.
    const ALLOCATIONS: usize = 22;

    let _turn = TURN.lock().await;
    let data = tempfile::tempdir().expect("a directory");
    let options = Options {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(data.path().to_owned()),
        api_keys: Some(vec![KEY.into()]),
        ..Options::default()
    };
    let config = Config::resolve(options).expect("a good configuration");
    let listener = TcpListener::bind(&config.listen).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let hub = assemble(&config, address, None).expect("a hub");
    let serving = tokio::spawn(serve(listener, None, hub, std::future::pending()));
    let mut client = TcpStream::connect(address).await.expect("connected");
    let body = r#"{"channel":"c","event":"e","data":{"n":1}}"#;
    let request = format!(
        "POST /publish HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = [0; 4096];
    let mut publish = async || {
        client.write_all(request.as_bytes()).await.expect("sent");
        let length = client.read(&mut answer).await.expect("answered");
        assert!(
            answer.starts_with(b"HTTP/1.1 202"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        let head = String::from_utf8_lossy(&answer[..length]);
        assert!(
            !head.contains("content-security-policy"),
            "not for a page: {head}"
        );
    };
    publish().await;
    let region = Region::new(ALLOCATOR);
    for _ in 0..PUBLISHES {
        publish().await;
    }
    let allocations = region.change().allocations / PUBLISHES;
    assert!(
        allocations <= ALLOCATIONS,
        "{allocations} allocations for each publish"
    );
    serving.abort();
}
