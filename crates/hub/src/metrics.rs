//! What the hub counts about itself, in Prometheus' text format.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::engine::Storage;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which request was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    /// `connect`, `subscribe`, `history`, `publish` or `token`.
    pub request: &'static str,
    /// A short word.
    pub reason: &'static str,
}

/// The hub's counters. Each can be counted up from anywhere without waiting.
pub struct Metrics {
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Subscriptions of the open connections, whether or not their tokens
    /// leave them out of a channel's count.
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
    /// From the read body of a publish to its last outbox, in seconds.
    pub publish_seconds: Histogram,
    /// Answered HTTP requests.
    pub http_requests: Counter,
    /// Those answered with a status of 400 or more.
    pub http_errors: Counter,
    /// The time that it took to answer them, in seconds, added up.
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
        let connections = Gauge::default();
        let subscriptions = Gauge::default();
        let published = Counter::default();
        let duplicates = Counter::default();
        let delivered = Counter::default();
        let closed_as_slow = Counter::default();
        let refused = Family::default();
        let publish_seconds = Histogram::new(exponential_buckets(0.000_01, 4.0, 10));
        let http_requests = Counter::default();
        let http_errors = Counter::default();
        let http_seconds = Counter::default();
        let stored_messages = Gauge::default();
        let stored_bytes = Gauge::default();
        let storage_limit = Gauge::default();
        let evicted = Counter::default();

        let mut registry = Registry::with_prefix("live_dashboard");
        registry.register(
            "connections",
            "Open WebSocket connections",
            connections.clone(),
        );
        registry.register(
            "subscriptions",
            "Subscriptions of the open connections",
            subscriptions.clone(),
        );
        registry.register(
            "messages_published",
            "Messages accepted, without duplicates",
            published.clone(),
        );
        registry.register(
            "messages_duplicate",
            "Messages dropped as duplicates",
            duplicates.clone(),
        );
        registry.register(
            "messages_delivered",
            "Messages queued for subscribers",
            delivered.clone(),
        );
        registry.register(
            "connections_closed_as_slow",
            "Connections closed because their outbox was full",
            closed_as_slow.clone(),
        );
        registry.register("refused", "Refused requests by reason", refused.clone());
        registry.register_with_unit(
            "publish",
            "From the read body of a publish to its last outbox",
            Unit::Seconds,
            publish_seconds.clone(),
        );
        registry.register(
            "http_requests",
            "Answered HTTP requests",
            http_requests.clone(),
        );
        registry.register(
            "http_errors",
            "HTTP requests answered with a status of 400 or more",
            http_errors.clone(),
        );
        registry.register_with_unit(
            "http_answering",
            "The time it took to answer HTTP requests",
            Unit::Seconds,
            http_seconds.clone(),
        );
        registry.register(
            "stored_messages",
            "Messages that are stored",
            stored_messages.clone(),
        );
        registry.register_with_unit(
            "stored",
            "What the stored messages take of the storage limit",
            Unit::Bytes,
            stored_bytes.clone(),
        );
        registry.register_with_unit(
            "storage_limit",
            "The most that stored messages may take",
            Unit::Bytes,
            storage_limit.clone(),
        );
        registry.register(
            "evicted",
            "Stored messages that had to make room before their time",
            evicted.clone(),
        );

        Self {
            connections,
            subscriptions,
            published,
            duplicates,
            delivered,
            closed_as_slow,
            refused,
            publish_seconds,
            http_requests,
            http_errors,
            http_seconds,
            stored_messages,
            stored_bytes,
            storage_limit,
            evicted,
            registry,
        }
    }

    /// Counts a refusal.
    pub fn refuse(&self, request: &'static str, reason: &'static str) {
        self.refused
            .get_or_create(&Refusal { request, reason })
            .inc();
    }

    /// Counts an answered HTTP request. Status 426 is the healthy answer to a
    /// probe and no error.
    pub fn answered(&self, status: u16, took: Duration) {
        self.http_requests.inc();
        if status >= 400 && status != 426 {
            self.http_errors.inc();
        }
        self.http_seconds.inc_by(took.as_secs_f64());
    }

    /// Takes over what the engine's store counts by itself.
    pub fn stored(&self, storage: Storage) {
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.stored_messages.set(gauge(storage.messages));
        self.stored_bytes.set(gauge(storage.bytes));
        self.storage_limit.set(gauge(storage.limit));
        // Two may read at once: whoever is behind takes nothing back.
        self.evicted
            .inner()
            .fetch_max(storage.evicted, Ordering::Relaxed);
    }

    /// All of it as text.
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
