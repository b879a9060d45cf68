//! The newest stored messages of a dashboard: those that a page requests when it
//! opens.

use std::time::{Duration, SystemTime};

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Chart;
use live_dashboard_protocol::limits::{MAX_ALERTS, MAX_PAGE_MESSAGES, STAT_SAMPLES};
use live_dashboard_protocol::message::{ALERT, CHART_DATA, ChartData, STATS_UPDATE};
use live_dashboard_protocol::name::{ChannelName, EventName};
use ulid::Ulid;

use super::Hub;
use crate::dashboards::Dashboard;
use crate::engine::{EngineError, HistoryQuery, MAX_READ_MESSAGES, Message};

/// The most pages of points that are read.
const MOST_PAGES: usize = 10;
/// The most bytes of all data together. Beyond it the oldest points, then the oldest
/// alerts are left out.
const MOST_BYTES: usize = 256 * 1024;

impl Hub {
    /// The newest values, alerts and points, oldest first; nothing if viewers may not
    /// look back.
    pub(crate) async fn newest_messages(
        &self,
        dashboard: &Dashboard,
    ) -> Result<Vec<Message>, EngineError> {
        let Some(window) = self.history_window() else {
            return Ok(Vec::new());
        };
        let channels = dashboard.channels.iter();
        let mut queries: Vec<_> = channels.map(|one| newest_of(one, window)).collect();
        let samples = match dashboard.layout.timeline.is_empty() {
            true => STAT_SAMPLES,
            false => MAX_PAGE_MESSAGES,
        };
        let mut newest = Vec::new();
        for query in &mut queries {
            let stats = self.read(query, STATS_UPDATE, samples).await?;
            let (channel, oldest) = (&query.channel, query.oldest);
            let rare = self.newest_of_each_key(channel, oldest, &stats).await?;
            newest.extend(rare.into_iter().chain(stats));
        }
        for query in &mut queries {
            newest.extend(self.read(query, ALERT, MAX_ALERTS).await?);
        }
        for query in &mut queries {
            newest.extend(self.newest_points(query, dashboard).await?);
        }
        let mut bytes = 0;
        newest.retain(|message| {
            bytes += message.data.get().len();
            bytes <= MOST_BYTES
        });
        newest.sort_by_key(|message| message.id);
        Ok(newest)
    }

    /// The newest stored alerts of a channel, newest first; none if viewers may not look
    /// back.
    pub(crate) async fn stored_alerts(
        &self,
        channel: &ChannelName,
    ) -> Result<Vec<Message>, EngineError> {
        self.stored(channel, ALERT, MAX_READ_MESSAGES).await
    }

    /// The newest stored points of a channel, newest first; none if viewers may not look
    /// back.
    pub(crate) async fn stored_points(
        &self,
        channel: &ChannelName,
    ) -> Result<Vec<Message>, EngineError> {
        self.stored(channel, CHART_DATA, MAX_PAGE_MESSAGES).await
    }

    async fn stored(
        &self,
        channel: &ChannelName,
        event: &str,
        most: usize,
    ) -> Result<Vec<Message>, EngineError> {
        let Some(window) = self.history_window() else {
            return Ok(Vec::new());
        };
        self.read(&mut newest_of(channel, window), event, most)
            .await
    }

    /// The newest points of a channel that the charts need to be full, newest first.
    async fn newest_points(
        &self,
        query: &mut HistoryQuery,
        dashboard: &Dashboard,
    ) -> Result<Vec<Message>, EngineError> {
        let other = Some(&query.channel).filter(|channel| *channel != dashboard.channel());
        let other = other.map(ToString::to_string);
        let charts = dashboard.layout.chart.iter();
        let charts = charts.filter(|chart| chart.channel == other);
        let mut needed = Needed(charts.map(|chart| (chart, chart.points)).collect());
        let points = needed.0.iter().map(|(_, count)| *count).max();
        let points = points.unwrap_or(1).min(MAX_PAGE_MESSAGES);
        let mut newest = Vec::new();
        for _ in 0..MOST_PAGES {
            let page = self.read(query, CHART_DATA, points).await?;
            let is_last = page.len() < points;
            query.before = page.last().map(|message| message.id);
            newest.extend(page.into_iter().filter(|message| needed.take(message)));
            if is_last || needed.is_nothing() {
                break;
            }
        }
        Ok(newest)
    }

    async fn read(
        &self,
        query: &mut HistoryQuery,
        event: &str,
        limit: usize,
    ) -> Result<Vec<Message>, EngineError> {
        query.event = EventName::new(event).ok();
        query.limit = limit;
        self.parts.engine.history(query).await
    }
}

/// A query for the newest messages of a channel in the window before now.
fn newest_of(channel: &ChannelName, window: Duration) -> HistoryQuery {
    let start = SystemTime::now().checked_sub(window);
    let start = start.and_then(|start| start.duration_since(SystemTime::UNIX_EPOCH).ok());
    let oldest = start.unwrap_or_default().as_millis();
    HistoryQuery {
        channel: channel.clone(),
        after: None,
        before: None,
        reverse: true,
        oldest: Ulid::from_parts(u64::try_from(oldest).unwrap_or(u64::MAX), 0),
        event: None,
        limit: 0,
    }
}

/// The points that each chart of a channel still needs to be full.
struct Needed<'a>(Vec<(&'a Chart, usize)>);

impl Needed<'_> {
    /// Counts a point, newest first; returns whether a chart needs it.
    fn take(&mut self, message: &Message) -> bool {
        let data = Json::parse(message.data.get());
        let Some(mut point) = data.as_ref().and_then(ChartData::from_json) else {
            return false;
        };
        let channel = self.0.first().and_then(|(chart, _)| chart.channel.as_ref());
        if let Some(channel) = channel {
            point.qualify(channel);
        }
        let mut needs = false;
        for (chart, count) in &mut self.0 {
            let shows = |key| point.number(key).is_some();
            if *count > 0 && chart.series.iter().any(|series| shows(&series.key)) {
                *count -= 1;
                needs = true;
            }
        }
        needs
    }

    fn is_nothing(&self) -> bool {
        self.0.iter().all(|(_, count)| *count == 0)
    }
}
