//! The charts' points of the last hour, in order of time, and the gaps between
//! them.

mod gaps;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use live_dashboard_protocol::layout::{Chart, Layout};
use live_dashboard_protocol::limits::{HISTORY_SECONDS, LAST_SECOND, MAX_KEPT_POINTS};
use live_dashboard_protocol::message::ChartData;
use live_dashboard_protocol::summary::{Bucket, Summary};

use super::Order;
pub use gaps::Gap;
pub(super) use gaps::spacings;
use gaps::{Arrival, Breaks};

/// The values of a chart's series at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// A value for each series; `None` if the point lacks it.
    pub values: Vec<Option<f64>>,
}

/// The points of the last hour, oldest first, or as many as the largest chart
/// shows if that is a longer time; cheap to clone.
///
/// The order of arrival makes no difference: of two values for the same series
/// and time, the one of the later message counts.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartHistory {
    /// The keys of all series; moments hold their values in this order.
    keys: Vec<String>,
    /// When the latest value of each was published, in milliseconds since the Unix epoch by
    /// the viewer's clock; 0 without any.
    published: Vec<f64>,
    /// Shared with clones of the history.
    moments: VecDeque<Rc<Moment>>,
    /// How many points the largest chart shows.
    largest: usize,
    breaks: Breaks,
    /// The spacing of a chart's points if there are too few to tell, in seconds.
    patience: f64,
    /// Earlier points, summarized by the hub.
    older: Rc<Summary>,
}

#[derive(Debug, Clone, PartialEq)]
struct Moment {
    timestamp: f64,
    values: Vec<Option<Known>>,
}

/// A value and the message that it is from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    order: Order,
    value: f64,
}

impl ChartHistory {
    /// How many points are kept at most.
    pub const CAPACITY: usize = MAX_KEPT_POINTS;
    /// How far back points are kept, in seconds before the newest.
    pub const SPAN: f64 = HISTORY_SECONDS;

    /// The newest points that have a value for the chart, oldest first, at
    /// most as many as the chart shows; values are in the order of its series.
    pub fn latest(&self, chart: &Chart) -> Vec<Point> {
        let mut points: Vec<_> = self.newest_first(chart).take(chart.points).collect();
        points.reverse();
        points
    }

    /// The points since `start`, in seconds since the Unix epoch, that have a
    /// value for the chart, oldest first; values are in the order of its series.
    /// Before those that are kept, each is the peak of a bucket of the hub's summary.
    pub fn since(&self, chart: &Chart, start: f64) -> Vec<Point> {
        let newest_first = self.newest_first(chart);
        let mut points: Vec<_> = newest_first
            .take_while(|point| point.timestamp >= start)
            .collect();
        points.reverse();
        let end = self
            .moments
            .front()
            .map_or(LAST_SECOND, |moment| moment.timestamp);
        let mut older = self.peaks(chart, start, end);
        older.append(&mut points);
        older
    }

    /// The values farthest from zero of the summary's buckets that begin in this time.
    fn peaks(&self, chart: &Chart, start: f64, end: f64) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for (n, series) in chart.series.iter().enumerate() {
            let mut known = self.older.series.iter();
            let Some((_, buckets)) = known.find(|(key, _)| *key == series.key) else {
                continue;
            };
            for &Bucket(at, min, max, ..) in buckets {
                if !(start..end).contains(&at) {
                    continue;
                }
                let place = points.partition_point(|point| point.timestamp < at);
                if points.get(place).is_none_or(|known| known.timestamp != at) {
                    let values = vec![None; chart.series.len()];
                    let timestamp = at;
                    points.insert(place, Point { timestamp, values });
                }
                let peak = if min.abs() > max.abs() { min } else { max };
                points[place].values[n] = Some(peak);
            }
        }
        points
    }

    /// The time of the newest point of any chart.
    pub fn end(&self) -> Option<f64> {
        self.moments.back().map(|moment| moment.timestamp)
    }

    /// The periods that points of the chart are missing from, oldest first.
    pub fn gaps(&self, chart: &Chart) -> Vec<Gap> {
        if self.breaks.is_empty() {
            return Vec::new();
        }
        let columns = self.columns(chart);
        let arrivals = self.moments.iter().filter_map(|moment| {
            let known = columns.iter().filter_map(|n| moment.values[(*n)?]);
            Some(Arrival {
                timestamp: moment.timestamp,
                first: known.map(|known| known.order).min()?,
            })
        });
        let arrivals: Vec<_> = arrivals.collect();
        self.breaks.gaps(&arrivals, self.patience)
    }

    /// The newest point that has a value for the chart.
    pub fn newest(&self, chart: &Chart) -> Option<Point> {
        self.newest_first(chart).next()
    }

    /// The places of the chart's series among the values of a moment.
    fn columns(&self, chart: &Chart) -> Vec<Option<usize>> {
        let series = chart.series.iter();
        let columns = series.map(|series| self.keys.iter().position(|key| *key == series.key));
        columns.collect()
    }

    fn newest_first(&self, chart: &Chart) -> impl Iterator<Item = Point> {
        let columns = self.columns(chart);
        self.moments
            .iter()
            .rev()
            .map(move |moment| Point {
                timestamp: moment.timestamp,
                values: columns
                    .iter()
                    .map(|column| column.and_then(|column| moment.values[column]))
                    .map(|known| known.map(|known| known.value))
                    .collect(),
            })
            .filter(|point| point.values.iter().any(Option::is_some))
    }

    /// A history without points.
    pub(super) fn new(layout: &Layout) -> Self {
        let mut keys: Vec<String> = Vec::new();
        for series in layout.chart.iter().flat_map(|chart| &chart.series) {
            if !keys.contains(&series.key) {
                keys.push(series.key.clone());
            }
        }
        let largest = layout.chart.iter().map(|chart| chart.points).max();
        Self {
            published: vec![0.0; keys.len()],
            keys,
            moments: VecDeque::new(),
            largest: largest.unwrap_or(0).min(Chart::MAX_POINTS),
            breaks: Breaks::default(),
            patience: layout.stale_after,
            older: Rc::default(),
        }
    }

    /// Whether a timestamp, in seconds since the Unix epoch, is plausible: a larger one
    /// is in another unit, or wrong.
    pub(super) fn is_time(timestamp: f64) -> bool {
        (0.0..=LAST_SECOND).contains(&timestamp)
    }

    /// When the latest value of a chart was published, in milliseconds since the Unix epoch
    /// by the viewer's clock.
    pub fn published_at(&self, chart: &Chart) -> Option<f64> {
        let known = self.keys.iter().zip(&self.published);
        let known = known.filter(|(key, _)| chart.series.iter().any(|one| one.key == **key));
        let latest = known.map(|(_, at)| *at).fold(0.0, f64::max);
        (latest > 0.0).then_some(latest)
    }

    /// Notes when a point was published.
    pub(super) fn note_published(&mut self, data: &ChartData, at: f64) {
        for (key, published) in self.keys.iter().zip(&mut self.published) {
            if data.number(key).is_some() {
                *published = published.max(at);
            }
        }
    }

    /// Adds milliseconds to the times at which points were published.
    pub(super) fn shift(&mut self, milliseconds: f64) {
        for published in self.published.iter_mut().filter(|at| **at > 0.0) {
            *published += milliseconds;
        }
    }

    /// Inserts a point at its place in time and returns whether anything
    /// changed. A point older than all that are kept is too late.
    pub(super) fn insert(&mut self, data: &ChartData, order: Order) -> bool {
        let values = self.keys.iter().map(|key| {
            let value = data.number(key)?;
            Some(Known { order, value })
        });
        let values: Vec<_> = values.collect();
        if values.iter().all(Option::is_none) {
            return false;
        }
        let mut changed = false;
        let place = self
            .moments
            .partition_point(|moment| moment.timestamp < data.timestamp);
        match self.moments.get_mut(place) {
            Some(moment) if moment.timestamp == data.timestamp => {
                let moment = Rc::make_mut(moment);
                for (known, new) in moment.values.iter_mut().zip(values) {
                    if new.is_some_and(|new| known.is_none_or(|known| known.order < new.order)) {
                        *known = new;
                        changed = true;
                    }
                }
            }
            _ => {
                let timestamp = data.timestamp;
                self.moments
                    .insert(place, Rc::new(Moment { timestamp, values }));
                changed = true;
            }
        }
        self.trim();
        let oldest = self.moments.front().map(|moment| moment.timestamp);
        changed && oldest <= Some(data.timestamp)
    }

    pub(super) fn set_older(&mut self, summary: Summary) {
        self.older = Rc::new(summary);
    }

    /// Keeps the values of the series that stay.
    pub(super) fn set_layout(&mut self, layout: &Layout) {
        let old = std::mem::replace(self, Self::new(layout));
        self.breaks = old.breaks;
        self.older = old.older;
        for (key, published) in self.keys.iter().zip(&mut self.published) {
            if let Some(place) = old.keys.iter().position(|old| old == key) {
                *published = old.published[place];
            }
        }
        for moment in old.moments {
            let values: Vec<_> = self
                .keys
                .iter()
                .map(|key| {
                    let column = old.keys.iter().position(|old| old == key)?;
                    moment.values[column]
                })
                .collect();
            if values.iter().any(Option::is_some) {
                let timestamp = moment.timestamp;
                self.moments
                    .push_back(Rc::new(Moment { timestamp, values }));
            }
        }
        self.trim();
    }

    /// Notes that messages after this one may be missing; returns whether that is new.
    pub(super) fn break_after(&mut self, order: Order) -> bool {
        self.breaks.add(order)
    }

    /// Notes that all messages after this one arrived; returns whether that is new.
    pub(super) fn mend_after(&mut self, order: Order) -> bool {
        self.breaks.remove(order)
    }

    fn trim(&mut self) {
        let surplus = self.moments.len().saturating_sub(Self::CAPACITY);
        self.moments.drain(..surplus);
        let newest = self.moments.back().map_or(0.0, |moment| moment.timestamp);
        while self.moments.len() > self.largest && self.moments[0].timestamp < newest - Self::SPAN {
            self.moments.pop_front();
        }
    }
}
