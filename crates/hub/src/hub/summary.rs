//! The points of a time range, thinned, for the connections that may list them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use live_dashboard_protocol::history::SummaryRequest;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::qualified;
use live_dashboard_protocol::limits::MAX_CLOCK_SKEW;
use live_dashboard_protocol::message::{CHART_DATA, ChartData};
use live_dashboard_protocol::name::EventName;
use live_dashboard_protocol::summary::{Bucket, Summary};
use ulid::Ulid;

use super::{HistoryError, Hub};
use crate::engine::{Engine, EngineError, HistoryQuery, MAX_READ_MESSAGES, Message};

/// The most messages that are read for a summary.
const MOST_MESSAGES: usize = 200_000;
/// The longest time that reading them may take; beyond it the oldest are left out.
const DEADLINE: Duration = Duration::from_secs(5);
/// The most series of a summary; further ones are left out.
const MOST_SERIES: usize = 100;

impl Hub {
    /// The points of channels that the connection is subscribed to, of each the newest
    /// first until a limit is reached. The caller has checked its secret.
    pub(crate) async fn summary(
        &self,
        connection: &str,
        request: SummaryRequest,
    ) -> Result<Summary, HistoryError> {
        let _turn = self.summary_turns.acquire().await;
        let deadline = Instant::now() + DEADLINE;
        let engine = &self.parts.engine;
        let start = (request.start - MAX_CLOCK_SKEW).max(0.0) * 1000.0;
        let most = MOST_MESSAGES / request.channels.len().max(1);
        let mut all = Summary::default();
        for (n, channel) in request.channels.iter().enumerate() {
            let subscription = engine.subscription(connection, channel).await?;
            let subscription = subscription.ok_or(HistoryError::NotSubscribed)?;
            let query = HistoryQuery {
                channel: subscription.channel,
                after: None,
                before: None,
                reverse: true,
                oldest: subscription.oldest.max(Ulid::from_parts(start as u64, 0)),
                event: EventName::new(CHART_DATA).ok(),
                limit: MAX_READ_MESSAGES,
            };
            let mut summary = summarize(&**engine, query, &request, most, deadline).await?;
            if n > 0 {
                for (key, _) in &mut summary.series {
                    *key = qualified(channel.as_str(), key);
                }
            }
            all.seconds = summary.seconds;
            all.since = all.since.into_iter().chain(summary.since).reduce(f64::max);
            all.series.append(&mut summary.series);
        }
        Ok(all)
    }
}

/// Reads until there are no more messages, or `most`, or the deadline has passed.
async fn summarize(
    engine: &dyn Engine,
    mut query: HistoryQuery,
    request: &SummaryRequest,
    most: usize,
    deadline: Instant,
) -> Result<Summary, EngineError> {
    let mut buckets = Buckets::new(request);
    let mut read = 0;
    loop {
        let page = engine.history(&query).await?;
        for message in &page {
            buckets.add(message);
        }
        read += page.len();
        let Some(last) = page.last() else {
            return Ok(buckets.summary(None));
        };
        query.before = Some(last.id);
        if read >= most || Instant::now() >= deadline {
            let since = last.id.timestamp_ms() as f64 / 1000.0;
            return Ok(buckets.summary(Some(since)));
        }
    }
}

/// The buckets of a request.
struct Buckets {
    start: f64,
    end: f64,
    seconds: f64,
    /// By series key, then by the bucket's number since the Unix epoch.
    series: BTreeMap<String, BTreeMap<u64, Bucket>>,
}

impl Buckets {
    fn new(request: &SummaryRequest) -> Self {
        Self {
            start: request.start,
            end: request.end,
            seconds: (request.end - request.start) / request.buckets as f64,
            series: BTreeMap::new(),
        }
    }

    fn add(&mut self, message: &Message) {
        let data = Json::parse(message.data.get());
        let Some(point) = data.as_ref().and_then(ChartData::from_json) else {
            return;
        };
        let latest = message.id.timestamp_ms() as f64 / 1000.0 + MAX_CLOCK_SKEW;
        if !(self.start..self.end.min(latest)).contains(&point.timestamp) {
            return;
        }
        let number = (point.timestamp / self.seconds) as u64;
        for (key, value) in BTreeMap::from_iter(point.values) {
            let is_full = self.series.len() == MOST_SERIES && !self.series.contains_key(&key);
            if !value.is_finite() || is_full {
                continue;
            }
            let Bucket(_, min, max, sum, count) = self
                .series
                .entry(key)
                .or_default()
                .entry(number)
                .or_insert(Bucket(number as f64 * self.seconds, value, value, 0.0, 0));
            *min = min.min(value);
            *max = max.max(value);
            *sum += value;
            *count += 1;
        }
    }

    /// So far, the mean is the sum.
    fn summary(self, since: Option<f64>) -> Summary {
        let mean = |Bucket(at, min, max, sum, count): Bucket| {
            Bucket(at, min, max, sum / count as f64, count)
        };
        let series = self.series.into_iter();
        Summary {
            seconds: self.seconds,
            since,
            series: series
                .map(|(key, buckets)| (key, buckets.into_values().map(mean).collect()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::name::ChannelName;
    use serde_json::value::RawValue;

    use super::*;
    use crate::engine::{Embedded, NewMessage, Retention, Settings};

    #[tokio::test]
    async fn beyond_the_limits_the_oldest_points_are_left_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = Embedded::open(&directory.path().join("hub.db"), Settings::default());
        let engine = engine.expect("a store");
        let channel = ChannelName::new("c").expect("a name");
        let event = EventName::new(CHART_DATA).expect("a name");
        for n in 0..=MAX_READ_MESSAGES {
            let data = format!(r#"{{"timestamp":{n},"a":{n}}}"#);
            let message = NewMessage {
                channel: channel.clone(),
                event: event.clone(),
                data: RawValue::from_string(data).expect("JSON"),
                deduplication_id: None,
                store: Retention::Forever,
                store_later: true,
            };
            engine.publish(message).await.expect("published");
        }
        let query = HistoryQuery {
            channel: channel.clone(),
            after: None,
            before: None,
            reverse: true,
            oldest: Ulid::nil(),
            event: Some(event),
            limit: MAX_READ_MESSAGES,
        };
        let request = SummaryRequest {
            channels: vec![channel],
            start: 0.0,
            end: 10_000.0,
            buckets: 1,
        };
        let later = Instant::now() + Duration::from_secs(3600);
        for (most, deadline, least, is_cut) in [
            (usize::MAX, later, 0.0, false),
            (MAX_READ_MESSAGES, later, 1.0, true),
            (usize::MAX, Instant::now(), 1.0, true),
        ] {
            let summary = summarize(&engine, query.clone(), &request, most, deadline).await;
            let summary = summary.expect("a summary");
            assert_eq!(summary.series[0].1[0].1, least, "{most}");
            assert_eq!(summary.since.is_some(), is_cut);
        }
    }
}
