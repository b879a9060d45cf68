//! Fills the charts with the values of a time in which a source did not read, if the source
//! keeps them.

use std::time::Duration;

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Chart;
use live_dashboard_protocol::message::ChartData;

use super::collector::Collector;
use super::reading::publish;
use super::runner::Declared;
use crate::hub::Hub;

/// The most points that are filled in: as many as the largest chart has.
const MAX_POINTS: usize = Chart::MAX_POINTS;

/// The time of the last point before a reading at `now`: `known`, unless it is long ago. Then
/// another hub may have published a later one.
pub(super) async fn last_point(
    source: &Declared,
    hub: &Hub,
    known: Option<f64>,
    now: f64,
) -> Option<f64> {
    if known.is_some_and(|known| !is_gap(source, known, now)) {
        return known;
    }
    let stored = newest_point(source, hub).await;
    known.into_iter().chain(stored).reduce(f64::max)
}

/// Whether there is room for a point between two times.
fn is_gap(source: &Declared, last: f64, now: f64) -> bool {
    now - last >= 2.0 * source.definition.interval().as_secs_f64()
}

/// The time of the newest stored point with a value of the source.
async fn newest_point(source: &Declared, hub: &Hub) -> Option<f64> {
    let keys = series(source);
    let stored = hub.stored_points(&source.channel).await.ok()?;
    stored.iter().find_map(|message| {
        let data = Json::parse(message.data.get())?;
        let point = ChartData::from_json(&data)?;
        let has = |key: &String| point.number(key).is_some();
        keys.iter().any(has).then_some(point.timestamp)
    })
}

/// Publishes the points between the last one and the reading at `now`, at most as many as
/// charts show.
pub(super) async fn back_fill(
    source: &Declared,
    hub: &Hub,
    collector: &mut dyn Collector,
    last: Option<f64>,
    now: f64,
) {
    let keys = series(source);
    let interval = source.definition.interval().as_secs_f64();
    if keys.is_empty() || last.is_some_and(|last| !is_gap(source, last, now)) {
        return;
    }
    let window = hub
        .history_window()
        .map_or(0.0, |window| window.as_secs_f64());
    let shown = source.points as f64 * interval;
    let most = window.max(shown).min(MAX_POINTS as f64 * interval);
    let start = last.map_or(now - most, |last| (last + interval).max(now - most));
    // Multiples of the interval, so that the same time is not filled in twice.
    let start = (start / interval).ceil() * interval;
    let end = now - interval / 2.0;
    if start > end {
        return;
    }
    let step = Duration::from_secs_f64(interval);
    match collector.earlier(&keys, start..end, step).await {
        Ok(readings) => {
            let points = readings.iter().take(MAX_POINTS);
            let points = points
                .filter_map(|reading| reading.point_message(hub, &source.channel, &source.shown));
            if let Err(error) = publish(hub, points.collect()).await {
                tracing::debug!(%error, "points of the past were not published");
            }
        }
        Err(problem) => {
            tracing::warn!(dashboard = source.dashboard, %problem, "cannot fill the charts");
        }
    }
}

/// The keys of the source that charts show.
fn series(source: &Declared) -> Vec<String> {
    let wanted = source.definition.wanted(&source.shown).into_iter();
    let keys = wanted.map(|(key, _)| key);
    keys.filter(|key| source.shown.is_series(key)).collect()
}
