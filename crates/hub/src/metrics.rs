//! What the hub counts about itself, in Prometheus' text format.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::engine::Storage;
use crate::limits::Limits;
use crate::process;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which request was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    /// `connection`, `connect`, `subscribe`, `history`, `publish`, `token` or `page`.
    pub request: &'static str,
    /// A short label.
    pub reason: &'static str,
}

/// Times that are measured elsewhere.
pub struct Measured {
    /// The name of the metric, without its unit.
    pub name: &'static str,
    /// What is measured.
    pub help: &'static str,
    /// The times, in seconds.
    pub seconds: Histogram,
}

/// For times from 10 µs to 10 s.
pub fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_01, 4.0, 11))
}

/// Why a page was served without a drawing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct NotDrawn {
    /// A short label.
    pub reason: &'static str,
}

/// A reading of a source that a dashboard declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SourceReading {
    /// The dashboard's name.
    pub dashboard: String,
    /// The source's kind.
    pub kind: String,
    /// `ok` or `failed`.
    pub result: &'static str,
}

/// An alert that the hub has raised itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AlertRaised {
    /// The dashboard's name.
    pub dashboard: String,
    /// `threshold` or `no_data`.
    pub kind: &'static str,
}

/// A line of a StatsD client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StatsdLine {
    /// The dashboard whose source received it.
    pub dashboard: String,
    /// `used`, `unused` if no panel shows the metric, or `invalid`.
    pub result: &'static str,
}

/// What became of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Notified {
    /// The dashboard's name.
    pub dashboard: String,
    /// The notifier's kind.
    pub kind: &'static str,
    /// `sent` or `failed`, a try to send a message; `given_up` or `dropped`, an alert.
    pub result: &'static str,
}

/// The alerts that wait to be notified of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct NotificationsWaiting {
    /// The dashboard's name.
    pub dashboard: String,
}

/// A WebSocket that is counted as open.
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Declares the metrics: for each its description, field, type, name and unit.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ty = $name:literal $(in $unit:ident)?;)+) => {
        /// The hub's counters. All can be incremented concurrently without waiting.
        pub struct Metrics {
            $($(#[doc = $help])+ pub $field: $type,)+
            /// From a parsed publish to its answer.
            pub publish_seconds: Histogram,
            registry: Registry,
        }

        impl Metrics {
            /// All at zero. `page` is the version of the page, `of_others` are what the
            /// engine and the outboxes measure.
            pub fn new(page: Option<&str>, of_others: &[Measured]) -> Self {
                let publish_seconds = seconds();
                let mut registry = Registry::with_prefix("live_dashboard");
                let version = ("version", env!("CARGO_PKG_VERSION").to_owned());
                let page = page.map(|page| ("page", page.to_owned()));
                let build = [version].into_iter().chain(page);
                let build = Info::new(build.collect::<Vec<_>>());
                registry.register("build", "Version of the hub and its page", build);
                let publish = Measured {
                    name: "publish",
                    help: "From a parsed publish to its answer",
                    seconds: publish_seconds.clone(),
                };
                for Measured { name, help, seconds } in of_others.iter().chain([&publish]) {
                    registry.register_with_unit(*name, *help, Unit::Seconds, seconds.clone());
                }
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
    /// Messages written to or queued for subscribers
    delivered: Counter = "messages_delivered";
    /// Connections closed because their outbox was full
    closed_as_slow: Counter = "connections_closed_as_slow";
    /// Times that the hub missed messages of a channel, and its viewers reconnected
    gaps: Counter = "gaps";
    /// Reads from viewers delayed because they sent too much
    reads_delayed: Counter = "reads_delayed";
    /// Refused requests by reason
    refused: Family<Refusal, Counter> = "refused";
    /// Connections that could not be accepted
    accept_errors: Counter = "accept_errors";
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
    /// Readings of the sources that dashboards declare
    source_readings: Family<SourceReading, Counter> = "source_readings";
    /// Alerts that the hub has raised by a threshold, or as nothing arrived
    alerts_raised: Family<AlertRaised, Counter> = "alerts_raised";
    /// Lines received from StatsD clients
    statsd_lines: Family<StatsdLine, Counter> = "statsd_lines";
    /// Lines of StatsD clients with tags, which are ignored
    statsd_tagged: Counter = "statsd_lines_tagged";
    /// Tries to send notifications, and alerts that nobody is notified of any more
    notifications: Family<Notified, Counter> = "notifications";
    /// Alerts that wait to be notified of, of all notifiers of a dashboard
    notifications_waiting: Family<NotificationsWaiting, Gauge> = "notifications_waiting";
    /// Stored messages
    stored_messages: Gauge = "stored_messages";
    /// Files that the process has open
    open_files: Gauge = "open_files";
    /// The most files that the process may have open
    open_files_limit: Gauge = "open_files_limit";
    /// Memory of the process that is resident
    resident: Gauge = "resident_memory" in Bytes;
    /// What waits to be read by viewers
    waiting: Gauge = "waiting" in Bytes;
    /// The most that may wait to be read by viewers
    waiting_limit: Gauge = "waiting_limit" in Bytes;
    /// How much of the storage limit is used
    stored_bytes: Gauge = "stored" in Bytes;
    /// The most that stored messages may take
    storage_limit: Gauge = "storage_limit" in Bytes;
    /// Deduplication ids of unstored messages forgotten before their time to make room
    forgotten_ids: Counter = "deduplication_ids_forgotten";
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

    /// Counts an open WebSocket until the result is dropped.
    pub(crate) fn connection(&self) -> OpenConnection {
        self.connections.inc();
        OpenConnection(self.connections.clone())
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
        self.stored_messages.set(gauge(storage.messages));
        self.stored_bytes.set(gauge(storage.bytes));
        self.storage_limit.set(gauge(storage.limit));
        // Of two concurrent calls, the older counts must not win.
        for (counter, count) in [
            (&self.evicted, storage.evicted),
            (&self.forgotten_ids, storage.forgotten_ids),
        ] {
            counter.inner().fetch_max(count, Ordering::Relaxed);
        }
    }

    /// Takes over what the system says of the process, and its limits.
    pub fn set_process(&self, limits: &Limits) {
        for (metric, number) in [
            (&self.open_files, process::open_files()),
            (&self.open_files_limit, limits.open_files),
            (&self.resident, process::resident_bytes()),
            (
                &self.waiting_limit,
                u64::try_from(limits.waiting_bytes).ok(),
            ),
        ] {
            metric.set(number.map_or(0, gauge));
        }
    }

    /// Takes over how many bytes wait to be read by viewers.
    pub fn set_waiting(&self, bytes: usize) {
        self.waiting.set(gauge(bytes as u64));
    }

    /// All metrics as text.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        text::encode(&mut out, &self.registry).expect("writing to a string cannot fail");
        out
    }
}

fn gauge(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
