//! One source: it reads while somebody watches, publishes what the dashboard shows, and
//! tries again ever later while it fails.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::collector::{Collector, Problem, READ_TIMEOUT, collector};
use super::definition::Definition;
use super::reading::{Reading, Shown, publish};
use super::variables::Variables;
use super::{ALERT_KEY, arrival, back_fill};
use crate::hub::Hub;
use crate::metrics::SourceReading;

/// How often a source looks for viewers on other nodes while there are none on this one.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// The longest time until the next try, unless the source's own interval is longer.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// A source and the dashboard that declares it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) dashboard: String,
    /// The number of its table in the file, from 1.
    pub(super) number: usize,
    pub(super) definition: Arc<Definition>,
    /// Whether it also reads while nobody watches.
    pub(super) always: bool,
    pub(super) channel: ChannelName,
    pub(super) shown: Shown,
    /// How many points its charts show.
    pub(super) points: usize,
}

/// The collector in use, and the variables that it was made with.
type Current = Option<(Arc<Variables>, Box<dyn Collector>)>;

/// Reads and publishes until `stop` is cancelled; then resolves the source's alert.
pub(super) async fn run(source: Declared, hub: Arc<Hub>, stop: CancellationToken) {
    let name = format!("Source {} ({})", source.number, source.definition.kind);
    let channel = source.channel.clone();
    let mut alarm = Alarm::new(Arc::clone(&hub), channel, source.key(), name).await;
    stop.run_until_cancelled(source.publish(&hub, &mut alarm))
        .await;
    alarm.resolve().await;
}

impl Declared {
    async fn publish(&self, hub: &Arc<Hub>, alarm: &mut Alarm) {
        // Before the first look, so that no viewer is missed.
        let mut arrivals = hub.arrivals();
        let mut current = None;
        let mut failures = 0;
        // Some receive also while nobody watches. The first reading tells why one does not.
        let _ = self.collector(hub, &mut current).await;
        let mut last = None;
        loop {
            self.until_due(hub, &mut arrivals).await;
            let start = Instant::now();
            let (reading, result) = self.read(hub, &mut current).await;
            let known = back_fill::last_point(self, hub, last, reading.at).await;
            let messages = reading.messages(hub, &self.channel, &self.shown);
            if let Err(error) = publish(hub, messages).await {
                tracing::debug!(%error, "a source's values were not published");
            }
            if let Some((_, current)) = &mut current
                && !reading.is_empty()
            {
                back_fill::back_fill(self, hub, &mut **current, known, reading.at).await;
                last = Some(reading.at);
            }
            self.count(hub, result.is_ok());
            match &result {
                Ok(()) => alarm.resolve().await,
                Err(problem) => alarm.raise(problem).await,
            }
            failures = match result {
                Err(_) if reading.is_empty() => failures + 1,
                _ => 0,
            };
            sleep_until(start + backoff(self.definition.interval(), failures)).await;
        }
    }

    /// Waits until this hub should read: when somebody watches, on any hub, or at once if
    /// the source always reads; of several hubs, one does.
    async fn until_due(&self, hub: &Hub, arrivals: &mut Receiver<ChannelName>) {
        // Longer than the time between two tries, so that who reads goes on.
        let lease = 2 * MAX_BACKOFF.max(self.definition.interval());
        loop {
            let viewers = hub.subscriptions(&self.channel).await;
            let watched = self.always || viewers.is_ok_and(|viewers| viewers > 0);
            // Who has just arrived is not counted yet.
            let arrived = arrival(arrivals, &self.channel);
            let due = watched || timeout(LOOK_INTERVAL, arrived).await.is_ok();
            if due && hub.leads(&self.key(), lease).await {
                return;
            }
            if watched {
                sleep(LOOK_INTERVAL).await;
            }
        }
    }

    /// The key of its alert and of its lease.
    fn key(&self) -> String {
        let Self {
            dashboard, number, ..
        } = self;
        format!("{ALERT_KEY} {dashboard} {number} {}", self.definition.kind)
    }

    /// Reads all values.
    async fn read(&self, hub: &Hub, current: &mut Current) -> (Reading, Result<(), Problem>) {
        let mut reading = Reading::now();
        let collector = match self.collector(hub, current).await {
            Ok(collector) => collector,
            Err(problem) => return (reading, Err(problem)),
        };
        // Collectors have limits of their own: this is for what blocks nevertheless.
        let limit = Instant::now() + 2 * READ_TIMEOUT;
        let read = timeout_at(limit, collector.collect(&mut reading)).await;
        let result = read.unwrap_or_else(|_| Err(Problem("there is no answer".into())));
        (reading, result)
    }

    /// The collector of the previous reading, if its variables still hold, or a new one.
    async fn collector<'a>(
        &self,
        hub: &Hub,
        current: &'a mut Current,
    ) -> Result<&'a mut Box<dyn Collector>, Problem> {
        let variables = &hub.access().variables;
        if current.as_ref().is_none_or(|(known, _)| known != variables) {
            // The new one may need the address of the previous one.
            *current = None;
            let new = collector(self, Arc::clone(hub.metrics()), variables).await?;
            *current = Some((Arc::clone(variables), new));
        }
        Ok(&mut current.as_mut().expect("was set").1)
    }

    fn count(&self, hub: &Hub, succeeded: bool) {
        let labels = SourceReading {
            dashboard: self.dashboard.clone(),
            kind: self.definition.kind.to_string(),
            result: if succeeded { "ok" } else { "failed" },
        };
        hub.metrics().source_readings.get_or_create(&labels).inc();
    }
}

/// The time until the next reading, after this many that failed.
fn backoff(interval: Duration, failures: u32) -> Duration {
    let doubled = interval.saturating_mul(1 << failures.min(10));
    doubled.min(MAX_BACKOFF.max(interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_tries_doubles_up_to_a_limit() {
        let seconds =
            |interval, failures| backoff(Duration::from_secs(interval), failures).as_secs();
        assert_eq!(
            [0, 1, 2, 3, 40].map(|failures| seconds(5, failures)),
            [5, 10, 20, 30, 30]
        );
        assert_eq!(
            [0, 1, 9].map(|failures| seconds(600, failures)),
            [600, 600, 600]
        );
    }
}
