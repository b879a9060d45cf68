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
    /// `connect`, `subscribe`, `history`, `publish`, `token` or `page`.
    pub request: &'static str,
    /// A short label.
    pub reason: &'static str,
}

/// Why a page was served without a drawing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct NotDrawn {
    /// A short label.
    pub reason: &'static str,
}

/// Declares the metrics: for each its description, field, type, name and unit.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ty = $name:literal $(in $unit:ident)?;)+) => {
        /// The hub's counters. All can be incremented concurrently without waiting.
        pub struct Metrics {
            $($(#[doc = $help])+ pub $field: $type,)+
            /// From a parsed publish to its last outbox.
            pub publish_seconds: Histogram,
            registry: Registry,
        }

        impl Metrics {
            /// All at zero.
            pub fn new() -> Self {
                let publish_seconds = Histogram::new(exponential_buckets(0.000_01, 4.0, 10));
                let mut registry = Registry::with_prefix("live_dashboard");
                registry.register_with_unit(
                    "publish",
                    "From a parsed publish to its last outbox",
                    Unit::Seconds,
                    publish_seconds.clone(),
                );
                $(
                    let $field = <$type>::default();
                    let help = concat!($($help),+).trim_start();
                    let unit = [$(Unit::$unit)?].into_iter().next();
                    register(&mut registry, $name, help, unit, $field.clone());
                )+
                Self { $($field,)+ publish_seconds, registry }
            }
        }
    };
}

metrics! {
    /// Open WebSocket connections
    connections: Gauge = "connections";
    /// Subscriptions of the open connections
    subscriptions: Gauge = "subscriptions";
    /// Messages accepted, without duplicates
    published: Counter = "messages_published";
    /// Messages dropped as duplicates
    duplicates: Counter = "messages_duplicate";
    /// Messages queued for subscribers
    delivered: Counter = "messages_delivered";
    /// Connections closed because their outbox was full
    closed_as_slow: Counter = "connections_closed_as_slow";
    /// Refused requests by reason
    refused: Family<Refusal, Counter> = "refused";
    /// Answered HTTP requests
    http_requests: Counter = "http_requests";
    /// HTTP requests answered with a status of 400 or more
    http_errors: Counter = "http_errors";
    /// The time it took to answer HTTP requests
    http_seconds: Counter<f64, AtomicU64> = "http_answering" in Seconds;
    /// Pages served with a drawing
    pages_drawn: Counter = "pages_drawn";
    /// Pages served without a drawing by reason
    pages_not_drawn: Family<NotDrawn, Counter> = "pages_not_drawn";
    /// The time it took to draw pages
    drawing_seconds: Counter<f64, AtomicU64> = "pages_drawing" in Seconds;
    /// Stored messages
    stored_messages: Gauge = "stored_messages";
    /// How much of the storage limit is used
    stored_bytes: Gauge = "stored" in Bytes;
    /// The most that stored messages may take
    storage_limit: Gauge = "storage_limit" in Bytes;
    /// Stored messages removed before their time to make room
    evicted: Counter = "evicted";
}

fn register(
    registry: &mut Registry,
    name: &str,
    help: &str,
    unit: Option<Unit>,
    metric: impl Metric,
) {
    match unit {
        Some(unit) => registry.register_with_unit(name, help, unit, metric),
        None => registry.register(name, help, metric),
    }
}

impl Metrics {
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
