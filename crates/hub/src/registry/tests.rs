//! Who gets which messages, and when.

use std::io::{self, IoSlice};
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use live_dashboard_protocol::name::EventName;
use serde_json::value::to_raw_value;
use tokio::task::yield_now;
use ulid::Ulid;

use super::*;
use crate::outbox::{DirectWrite, Drain, PACED_BYTES, Pacer, Waiting, Writer, outbox};

/// What was written to a connection.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<Vec<u8>>>>);

impl DirectWrite for Written {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
        let length = bytes.len();
        self.0.lock().expect("no panic").push(bytes);
        Ok(length)
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Written {
    /// The numbers that the frames contain as data, in order; 0 for an answer.
    fn numbers(&self) -> Vec<usize> {
        let bytes = self.0.lock().expect("no panic").concat();
        let text = String::from_utf8_lossy(&bytes);
        let frames = text.split("\"data\":").skip(1);
        let number = |frame: &str| frame.split('}').next().and_then(|it| it.parse().ok());
        frames.map(|frame| number(frame).unwrap_or(0)).collect()
    }
}

impl Written {
    fn writes(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }
}

struct Node {
    registry: Registry,
    rules: Arc<Rules>,
    channel: ChannelName,
}

impl Node {
    fn new() -> Self {
        Self::paced(Duration::ZERO)
    }

    fn paced(interval: Duration) -> Self {
        let rules = Arc::new(Rules {
            limit: 1 << 20,
            waiting: Waiting::new(1 << 30),
            pacer: Arc::new(Pacer::new(interval)),
        });
        Self {
            registry: Registry::new(Arc::new(Metrics::new(None, &[])), Arc::clone(&rules)),
            rules,
            channel: ChannelName::new("c").expect("valid"),
        }
    }

    /// A connection that subscribes, and has no answer yet.
    fn subscribe(&self) -> (Arc<Subscription>, Written, Drain) {
        let written = Written::default();
        let writer = Writer::Direct(Arc::new(written.clone()));
        let (outbox, drain) = outbox(Arc::clone(&self.rules), writer);
        let subscription = self.registry.subscribe(&self.channel, outbox);
        (subscription, written, drain)
    }

    fn subscribed(&self) -> (Arc<Subscription>, Written, Drain) {
        let subscriber = self.subscribe();
        subscriber.0.open("");
        subscriber
    }

    fn publish(&self, data: &impl serde::Serialize) {
        self.registry.deliver(&Message {
            id: Ulid::nil(),
            channel: self.channel.clone(),
            event: EventName::new("e").expect("valid"),
            data: to_raw_value(data).expect("JSON"),
        });
    }
}

/// Until all tasks wait.
async fn settle() {
    for _ in 0..1000 {
        yield_now().await;
    }
}

#[tokio::test]
async fn each_of_many_subscribers_gets_each_message_in_order() {
    let node = Node::new();
    let subscribers: Vec<_> = (0..1300).map(|_| node.subscribed()).collect();
    let expected: Vec<_> = (1..=40).collect();
    for number in &expected {
        node.publish(number);
        if number % 10 == 0 {
            yield_now().await;
        }
    }
    settle().await;
    for (_, written, _) in &subscribers {
        assert_eq!(written.numbers(), expected);
    }
    let delivered = node.registry.metrics.delivered.get();
    assert_eq!(delivered, 1300 * 40);
    for (subscription, _, _) in &subscribers {
        node.registry.unsubscribe(&node.channel, subscription);
    }
    assert!(node.registry.read().is_empty());
    assert_eq!(node.registry.metrics.subscriptions.get(), 0);
}

/// As no time passes, only the first message goes at once.
#[tokio::test(start_paused = true)]
async fn a_subscriber_gets_only_what_is_published_while_it_is_one() {
    let node = Node::new();
    let (first, early, _drain) = node.subscribed();
    node.publish(&0);
    node.publish(&1);
    assert_eq!(early.numbers(), [0], "1 has not been delivered yet");
    let (_, late, _drain) = node.subscribed();
    node.publish(&2);
    settle().await;
    assert_eq!(early.numbers(), [0, 1, 2]);
    assert_eq!(late.numbers(), [2]);
    node.publish(&3);
    node.registry.unsubscribe(&node.channel, &first);
    node.registry.unsubscribe(&node.channel, &first);
    settle().await;
    assert_eq!(early.numbers(), [0, 1, 2], "not even what was pending");
    assert_eq!(late.numbers(), [2, 3]);
    assert_eq!(node.registry.metrics.subscriptions.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn few_subscribers_are_written_to_at_once_after_a_quiet_time() {
    let node = Node::new();
    let (_, written, _drain) = node.subscribed();
    node.publish(&1);
    assert_eq!(written.numbers(), [1]);
    node.publish(&2);
    assert_eq!(written.numbers(), [1], "the publisher is not held up");
    tokio::time::advance(Duration::from_secs(1)).await;
    node.publish(&3);
    settle().await;
    assert_eq!(written.numbers(), [1, 2, 3]);
    tokio::time::advance(Duration::from_secs(1)).await;
    node.publish(&4);
    assert_eq!(written.numbers(), [1, 2, 3, 4]);
    node.registry.deliver_pending(&node.channel).await;
    let _others: Vec<_> = (0..20).map(|_| node.subscribed()).collect();
    tokio::time::advance(Duration::from_secs(1)).await;
    node.publish(&5);
    assert_eq!(written.numbers(), [1, 2, 3, 4], "many wait for the task");
    settle().await;
    assert_eq!(written.numbers(), [1, 2, 3, 4, 5]);
    assert_eq!(node.registry.metrics.delivered.get(), 4 + 21);
}

#[tokio::test]
async fn messages_wait_for_the_answer() {
    let node = Node::new();
    let (subscription, written, _drain) = node.subscribe();
    node.publish(&1);
    settle().await;
    assert!(written.numbers().is_empty());
    subscription.open(r#"{"data":{}}"#);
    assert_eq!(written.numbers(), [0, 1]);
    node.publish(&2);
    settle().await;
    assert_eq!(written.numbers(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn publishers_wait_while_much_is_to_be_delivered() {
    let node = Node::new();
    let _subscriber = node.subscribed();
    let data = "x".repeat(1 << 19);
    node.publish(&"at once");
    node.publish(&data);
    assert!(
        node.registry
            .catch_up(&node.channel)
            .now_or_never()
            .is_some()
    );
    node.publish(&data);
    node.publish(&data);
    let behind = node.registry.catch_up(&node.channel);
    let mut behind = std::pin::pin!(behind);
    assert!(behind.as_mut().now_or_never().is_none());
    behind.await;
}

#[tokio::test(start_paused = true)]
async fn what_is_pending_can_be_waited_for() {
    let node = Node::paced(Duration::from_secs(3600));
    let (_, written, _drain) = node.subscribed();
    node.publish(&1);
    settle().await;
    node.publish(&2);
    settle().await;
    assert_eq!(written.numbers(), [1]);
    let start = tokio::time::Instant::now();
    node.registry.deliver_pending(&node.channel).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(node.rules.waiting.bytes() > 0, "it is in the outbox");
}

#[tokio::test(start_paused = true)]
async fn a_fast_stream_is_written_in_fewer_pieces() {
    let node = Node::paced(Duration::from_millis(16));
    let (_, written, _drain) = node.subscribed();
    for number in 1..=3 {
        node.publish(&number);
        yield_now().await;
    }
    assert_eq!(
        (written.writes(), written.numbers()),
        (2, vec![1]),
        "at once, after the answer"
    );
    // The clock of the runtime goes on while all wait.
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!((written.writes(), written.numbers()), (3, vec![1, 2, 3]));
    let large = "x".repeat(PACED_BYTES);
    node.publish(&4);
    node.publish(&large);
    settle().await;
    assert_eq!(written.writes(), 4, "much does not wait");
}
