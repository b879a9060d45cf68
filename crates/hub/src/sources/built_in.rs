//! The sources of the default dashboard, chosen by a flag: made-up numbers, or those of
//! the hub's own traffic.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::message::{ALERT, CHART_DATA, STATS_UPDATE};
use live_dashboard_protocol::name::ChannelName;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::reading;
use super::{arrival, demo, own};
use crate::hub::{Hub, unix_seconds};

/// How often a source publishes.
const INTERVAL: Duration = Duration::from_millis(2500);
/// New viewers do not wait for the next tick, but sources never publish more often
/// than this.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// The demo's charts go back at most this long, and no longer than viewers may look.
const MOST_PAST: Duration = Duration::from_secs(3600);
/// Another hub's source takes over when one has published nothing for this long.
const LEASE: Duration = Duration::from_secs(8);

/// Selects a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Made-up numbers around plausible baselines.
    Demo,
    /// The hub's own HTTP traffic and viewers.
    Own,
    /// The hub's machine, on a dashboard of its own.
    System,
}

/// Not the name of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source: use `demo`, `self` or `system`")]
pub struct UnknownSource(String);

impl FromStr for SourceKind {
    type Err = UnknownSource;

    fn from_str(word: &str) -> Result<Self, UnknownSource> {
        match word {
            "demo" => Ok(Self::Demo),
            "self" => Ok(Self::Own),
            "system" => Ok(Self::System),
            other => Err(UnknownSource(other.to_owned())),
        }
    }
}

impl SourceKind {
    /// The note beside the title of dashboards on the hub's own channel, if it publishes
    /// there.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Demo => Some("Demo data"),
            Self::Own => Some("This hub's own traffic"),
            Self::System => None,
        }
    }
}

/// What a source measured, in the units of the dashboard's events.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) active_users: u64,
    pub(super) requests_per_sec: f64,
    /// From 0 to 1.
    pub(super) error_rate: f64,
    /// Milliseconds.
    pub(super) avg_latency: f64,
    pub(super) requests: u64,
    pub(super) errors: u64,
    /// The data of alerts.
    pub(super) alerts: Vec<Value>,
}

pub(super) trait Source: Send {
    /// Measures, `elapsed` after the previous sample.
    fn sample(&mut self, elapsed: Duration) -> Sample;
}

/// Publishes to `channel` until the future is dropped; the demo begins with a past. The
/// machine's numbers are published by the dashboard that they are on.
pub async fn run(kind: SourceKind, hub: Arc<Hub>, channel: ChannelName) {
    let mut arrivals = hub.arrivals();
    let lease = format!("source {kind:?} {channel}");
    let mut source: Box<dyn Source> = match kind {
        SourceKind::Demo => Box::new(demo::Demo::new()),
        SourceKind::Own => Box::new(own::Own::new(Arc::clone(&hub))),
        SourceKind::System => return,
    };
    let mut last = Instant::now();
    if kind == SourceKind::Demo && hub.leads(&lease, LEASE).await {
        publish_past(&hub, &channel).await;
    }
    loop {
        let now = Instant::now();
        let sample = source.sample(now - last);
        last = now;
        // Of several hubs, one publishes.
        if hub.leads(&lease, LEASE).await {
            publish(&hub, &channel, sample).await;
        }
        tokio::select! {
            () = sleep_until(last + INTERVAL) => {}
            () = arrival(&mut arrivals, &channel) => sleep_until(last + MIN_INTERVAL).await,
        }
    }
}

/// Publishes made-up points of the past, unless there are stored ones.
async fn publish_past(hub: &Hub, channel: &ChannelName) {
    let window = hub.history_window().unwrap_or_default().min(MOST_PAST);
    let stored = hub.stored_points(channel).await;
    if !stored.is_ok_and(|stored| stored.is_empty()) {
        return;
    }
    let mut demo = demo::Demo::new();
    let now = unix_seconds();
    let points = (1..=(window.as_secs_f64() / INTERVAL.as_secs_f64()) as u32).rev();
    let messages = points.map(|ago| {
        let at = now - f64::from(ago) * INTERVAL.as_secs_f64();
        let point = point(at, &demo.sample(INTERVAL));
        hub.event(channel, CHART_DATA, &point)
    });
    if let Err(error) = reading::publish(hub, messages.collect()).await {
        tracing::warn!(%error, "cannot publish the demo's past");
    }
}

async fn publish(hub: &Hub, channel: &ChannelName, sample: Sample) {
    let stats = json!({
        "activeUsers": sample.active_users,
        "requestsPerSec": rounded(sample.requests_per_sec, 1.0),
        "errorRate": rounded(sample.error_rate, 10_000.0),
        "avgLatency": rounded(sample.avg_latency, 10.0),
    });
    let mut messages = vec![
        hub.event(channel, STATS_UPDATE, &stats),
        hub.event(channel, CHART_DATA, &point(unix_seconds(), &sample)),
    ];
    let alerts = sample.alerts.iter();
    messages.extend(alerts.map(|alert| hub.event(channel, ALERT, alert)));
    if let Err(error) = reading::publish(hub, messages).await {
        tracing::warn!(%error, "cannot publish a source's messages");
    }
}

fn point(at: f64, sample: &Sample) -> Value {
    json!({"timestamp": at as u64, "requests": sample.requests, "errors": sample.errors})
}

/// `value` rounded to a multiple of 1 / `parts`.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
