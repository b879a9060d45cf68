//! What publishes by itself, through the same path as anyone's publish.

mod demo;
mod own;

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::payload::{ALERT, CHART_DATA, Level, STATS_UPDATE};
use live_dashboard_protocol::publish::Store;
use serde::Serialize;
use serde_json::json;
use serde_json::value::to_raw_value;
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep_until};

use crate::engine::NewMessage;
use crate::hub::Hub;

/// How often a source publishes.
const INTERVAL: Duration = Duration::from_millis(2500);
/// A newcomer is not kept waiting for the next tick, but a crowd of them does
/// not make a source publish more often than this.
const NEWCOMER_SPACING: Duration = Duration::from_secs(1);

/// Which source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Made-up numbers around believable baselines.
    Demo,
    /// The hub's own HTTP traffic and viewers.
    Own,
}

/// A word that is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source: there are `demo` and `self`")]
pub struct UnknownSource(String);

impl FromStr for SourceKind {
    type Err = UnknownSource;

    fn from_str(word: &str) -> Result<Self, UnknownSource> {
        match word {
            "demo" => Ok(Self::Demo),
            "self" => Ok(Self::Own),
            other => Err(UnknownSource(other.to_owned())),
        }
    }
}

impl SourceKind {
    /// What the page says beside its title about numbers of this source.
    pub fn note(self) -> &'static str {
        match self {
            Self::Demo => "Demo data",
            Self::Own => "This hub's own traffic",
        }
    }
}

/// What a source measured at one moment, in the units of the dashboard's
/// events.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    active_users: u64,
    requests_per_sec: f64,
    /// A fraction of one.
    error_rate: f64,
    /// Milliseconds.
    avg_latency: f64,
    requests: u64,
    errors: u64,
    alerts: Vec<(Level, String)>,
}

trait Source: Send {
    /// Measures; `elapsed` has passed since the last time.
    fn sample(&mut self, elapsed: Duration) -> Sample;
}

/// Publishes to `channel` for as long as the future is polled: from its first
/// viewer on, who is not kept waiting.
pub fn run(
    kind: SourceKind,
    hub: Arc<Hub>,
    channel: ChannelName,
) -> impl Future<Output = ()> + Send {
    // Listening starts now, not when the future is first polled, so that no
    // viewer comes unnoticed.
    let mut arrivals = hub.arrivals();
    async move {
        let mut source: Box<dyn Source> = match kind {
            SourceKind::Demo => Box::new(demo::Demo::new()),
            SourceKind::Own => Box::new(own::Own::new(Arc::clone(&hub))),
        };
        let mut last = Instant::now();
        arrival(&mut arrivals, &channel).await;
        loop {
            let now = Instant::now();
            let sample = source.sample(now - last);
            last = now;
            publish(&hub, &channel, sample).await;
            tokio::select! {
                () = sleep_until(last + INTERVAL) => {}
                () = arrival(&mut arrivals, &channel) => sleep_until(last + NEWCOMER_SPACING).await,
            }
        }
    }
}

/// Waits for a new subscription to `channel`.
async fn arrival(arrivals: &mut broadcast::Receiver<ChannelName>, channel: &ChannelName) {
    loop {
        match arrivals.recv().await {
            Ok(arrived) if arrived == *channel => return,
            Ok(_) => {}
            // Some of those that were missed may have been for this channel.
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn publish(hub: &Hub, channel: &ChannelName, sample: Sample) {
    let timestamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let stats = json!({
        "activeUsers": sample.active_users,
        "requestsPerSec": rounded(sample.requests_per_sec, 1.0),
        "errorRate": rounded(sample.error_rate, 10_000.0),
        "avgLatency": rounded(sample.avg_latency, 10.0),
    });
    let point = json!({
        "timestamp": timestamp,
        "requests": sample.requests,
        "errors": sample.errors,
    });
    publish_one(hub, channel, STATS_UPDATE, &stats).await;
    publish_one(hub, channel, CHART_DATA, &point).await;
    for (level, message) in sample.alerts {
        publish_one(
            hub,
            channel,
            ALERT,
            &json!({"level": level, "message": message}),
        )
        .await;
    }
}

async fn publish_one(hub: &Hub, channel: &ChannelName, event: &str, data: &impl Serialize) {
    let message = NewMessage {
        channel: channel.clone(),
        event: EventName::new(event).expect("the dashboard's events have valid names"),
        data: to_raw_value(data).expect("JSON values are JSON"),
        deduplication_id: None,
        store: hub.parts.history.map_or(Store::No, stored_for),
    };
    if let Err(error) = hub.publish(message).await {
        tracing::warn!(%error, event, "a source's message was not published");
    }
}

/// As long as viewers may look back.
fn stored_for(history: Duration) -> Store {
    Store::Seconds(u32::try_from(history.as_secs().max(1)).unwrap_or(u32::MAX))
}

/// Rounded to a multiple of one part of `parts`.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
