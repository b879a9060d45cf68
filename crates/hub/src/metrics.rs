//! What the hub counts about itself, in Prometheus' text format.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::engine::Storage;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which request was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    /// `connect`, `subscribe`, `history`, `publish` or `token`.
    pub request: &'static str,
    /// A short label.
    pub reason: &'static str,
}

/// The hub's counters. All can be incremented concurrently without waiting.
pub struct Metrics {
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Subscriptions of the open connections, including those that their tokens
    /// leave out of a channel's count.
    pub subscriptions: Gauge,
    /// Messages accepted, without duplicates.
    pub published: Counter,
    /// Messages dropped as duplicates.
    pub duplicates: Counter,
    /// Frames put into the outboxes of subscribers.
    pub delivered: Counter,
    /// Connections closed because their outbox was full.
    pub closed_as_slow: Counter,
    /// Refused requests.
    pub refused: Family<Refusal, Counter>,
    /// From the body of a publish to its last outbox, in seconds.
    pub publish_seconds: Histogram,
    /// Answered HTTP requests.
    pub http_requests: Counter,
    /// Those answered with a status of 400 or more.
    pub http_errors: Counter,
    /// The total time it took to answer them, in seconds.
    pub http_seconds: Counter<f64, AtomicU64>,
    stored_messages: Gauge,
    stored_bytes: Gauge,
    storage_limit: Gauge,
    evicted: Counter,
    registry: Registry,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut all = Registry::with_prefix("live_dashboard");
        let registry = &mut all;
        let publish_seconds = Histogram::new(exponential_buckets(0.000_01, 4.0, 10));
        let (seconds, bytes) = (Unit::Seconds, Unit::Bytes);
        registry.register_with_unit(
            "publish",
            "From the body of a publish to its last outbox",
            seconds.clone(),
            publish_seconds.clone(),
        );
        Self {
            connections: add(registry, "connections", "Open WebSocket connections"),
            subscriptions: add(
                registry,
                "subscriptions",
                "Subscriptions of the open connections",
            ),
            published: add(
                registry,
                "messages_published",
                "Messages accepted, without duplicates",
            ),
            duplicates: add(
                registry,
                "messages_duplicate",
                "Messages dropped as duplicates",
            ),
            delivered: add(
                registry,
                "messages_delivered",
                "Messages queued for subscribers",
            ),
            closed_as_slow: add(
                registry,
                "connections_closed_as_slow",
                "Connections closed because their outbox was full",
            ),
            refused: add(registry, "refused", "Refused requests by reason"),
            publish_seconds,
            http_requests: add(registry, "http_requests", "Answered HTTP requests"),
            http_errors: add(
                registry,
                "http_errors",
                "HTTP requests answered with a status of 400 or more",
            ),
            http_seconds: add_with_unit(
                registry,
                "http_answering",
                "The time it took to answer HTTP requests",
                seconds,
            ),
            stored_messages: add(registry, "stored_messages", "Stored messages"),
            stored_bytes: add_with_unit(
                registry,
                "stored",
                "How much of the storage limit is used",
                bytes.clone(),
            ),
            storage_limit: add_with_unit(
                registry,
                "storage_limit",
                "The most that stored messages may take",
                bytes,
            ),
            evicted: add(
                registry,
                "evicted",
                "Stored messages removed before their time to make room",
            ),
            registry: all,
        }
    }

    /// Counts a refusal.
    pub fn refuse(&self, request: &'static str, reason: &'static str) {
        self.refused
            .get_or_create(&Refusal { request, reason })
            .inc();
    }

    /// Counts an answered HTTP request. Status 426 is the healthy answer to a
    /// probe, not an error.
    pub fn answered(&self, status: u16, took: Duration) {
        self.http_requests.inc();
        if status >= 400 && status != 426 {
            self.http_errors.inc();
        }
        self.http_seconds.inc_by(took.as_secs_f64());
    }

    /// Takes over the counts of the engine's store.
    pub fn set_storage(&self, storage: Storage) {
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.stored_messages.set(gauge(storage.messages));
        self.stored_bytes.set(gauge(storage.bytes));
        self.storage_limit.set(gauge(storage.limit));
        // Of two concurrent calls, the older counts must not win.
        self.evicted
            .inner()
            .fetch_max(storage.evicted, Ordering::Relaxed);
    }

    /// All metrics as text.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        text::encode(&mut out, &self.registry).expect("writing to a string cannot fail");
        out
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn add_with_unit<M: Metric + Clone + Default>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    unit: Unit,
) -> M {
    let metric = M::default();
    registry.register_with_unit(name, help, unit, metric.clone());
    metric
}
