//! The points of the charts, in the order of their times, and what is missing
//! between them.

use std::collections::VecDeque;

use live_dashboard_protocol::layout::{Chart, Layout};
use live_dashboard_protocol::payload::ChartData;

/// The last second of the year 9999, in seconds since the Unix epoch: a larger
/// timestamp is in another unit, or rubbish.
const LAST_TIME: f64 = 253_402_300_799.0;

/// One moment and the series' values at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// A value for each series, `None` where the point lacks it.
    pub values: Vec<Option<f64>>,
}

/// A stretch of time that nothing is known of, in seconds since the Unix
/// epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The last point before it.
    pub after: f64,
    /// The first point after it.
    pub before: f64,
}

/// How far back points are kept, in seconds before the newest one.
const WINDOW: f64 = 3600.0;
/// The most points that are kept.
const CAPACITY: usize = 2000;
/// Where messages may be missing, points that are this many times the usual
/// spacing apart have a gap between them.
const GAP: f64 = 2.0;
/// The usual spacing is that of so many newest points.
const RECENT: usize = 20;

/// The points of the last hour, and at least as many as the largest chart
/// shows, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartHistory {
    /// The series of the layout's charts; points hold their values in this
    /// order.
    keys: Vec<String>,
    points: VecDeque<Point>,
    /// How many points are kept however old they are.
    least: usize,
    /// The newest point at each moment from which on messages may be missing.
    breaks: Vec<f64>,
    gaps: Vec<Gap>,
}

impl ChartHistory {
    /// The newest points that have a value for the chart, oldest first, at
    /// most as many as it shows; their values are in the order of its series.
    pub fn latest(&self, chart: &Chart) -> Vec<Point> {
        let mut points: Vec<_> = self.of(chart).take(chart.points).collect();
        points.reverse();
        points
    }

    /// The points that have a value for the chart, oldest first, from `start`
    /// on, in seconds since the Unix epoch.
    pub fn since(&self, chart: &Chart, start: f64) -> Vec<Point> {
        let mut points: Vec<_> = self
            .of(chart)
            .take_while(|point| point.timestamp >= start)
            .collect();
        points.reverse();
        points
    }

    /// The stretches of time that nothing is known of, oldest first.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// When the newest point was, in seconds since the Unix epoch.
    pub(super) fn newest(&self) -> Option<f64> {
        Some(self.points.back()?.timestamp)
    }

    /// Messages may be missing from this point on until the next one.
    pub(super) fn break_after(&mut self, timestamp: f64) {
        self.breaks.push(timestamp);
        self.find_gaps();
    }

    /// The points that have a value for the chart, newest first.
    fn of(&self, chart: &Chart) -> impl Iterator<Item = Point> {
        let columns: Vec<_> = chart
            .series
            .iter()
            .map(|series| self.keys.iter().position(|key| *key == series.key))
            .collect();
        self.points
            .iter()
            .rev()
            .map(move |point| Point {
                timestamp: point.timestamp,
                values: columns
                    .iter()
                    .map(|column| column.and_then(|column| point.values[column]))
                    .collect(),
            })
            .filter(|point| point.values.iter().any(Option::is_some))
    }

    /// What a break left open. Points that come later, or late, may close it.
    fn find_gaps(&mut self) {
        self.gaps.clear();
        let Some(oldest) = self.points.front().map(|point| point.timestamp) else {
            self.breaks.clear();
            return;
        };
        self.breaks.retain(|after| *after >= oldest);
        if self.breaks.is_empty() {
            return;
        }
        let Some(usual) = self.usual_spacing() else {
            return;
        };
        for after in &self.breaks {
            let next = self
                .points
                .partition_point(|point| point.timestamp <= *after);
            if let Some(point) = self.points.get(next)
                && point.timestamp - after > GAP * usual
            {
                self.gaps.push(Gap {
                    after: *after,
                    before: point.timestamp,
                });
            }
        }
    }

    /// The median of the spacings of the newest points, in seconds.
    fn usual_spacing(&self) -> Option<f64> {
        let mut newest = self.points.iter().rev().map(|point| point.timestamp);
        let mut later = newest.next()?;
        let mut spacings: Vec<f64> = newest
            .take(RECENT)
            .map(|earlier| std::mem::replace(&mut later, earlier) - earlier)
            .collect();
        spacings.sort_unstable_by(f64::total_cmp);
        spacings.get(spacings.len().checked_sub(1)? / 2).copied()
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
            keys,
            points: VecDeque::new(),
            least: largest.unwrap_or(0).min(Chart::MAX_POINTS),
            breaks: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Whether a timestamp, in seconds since the Unix epoch, can be one.
    pub(super) fn is_time(timestamp: f64) -> bool {
        (0.0..=LAST_TIME).contains(&timestamp)
    }

    /// Puts a point in its place. One of the same time takes its values over;
    /// one that is older than what is kept is too late.
    pub(super) fn insert(&mut self, data: &ChartData) {
        let values: Vec<_> = self
            .keys
            .iter()
            .map(|key| data.values.get(key).copied().filter(|v| v.is_finite()))
            .collect();
        if values.iter().all(Option::is_none) {
            return;
        }
        let place = self
            .points
            .partition_point(|point| point.timestamp < data.timestamp);
        match self.points.get_mut(place) {
            Some(point) if point.timestamp == data.timestamp => {
                for (known, new) in point.values.iter_mut().zip(values) {
                    *known = new.or(*known);
                }
            }
            _ => self.points.insert(
                place,
                Point {
                    timestamp: data.timestamp,
                    values,
                },
            ),
        }
        self.trim();
    }

    /// Keeps the values of the series that stay.
    pub(super) fn set_layout(&mut self, layout: &Layout) {
        let mut old = std::mem::replace(self, Self::new(layout));
        self.breaks = std::mem::take(&mut old.breaks);
        for mut point in old.points {
            let values: Vec<_> = self
                .keys
                .iter()
                .map(|key| {
                    let column = old.keys.iter().position(|old| old == key)?;
                    point.values[column]
                })
                .collect();
            if values.iter().any(Option::is_some) {
                point.values = values;
                self.points.push_back(point);
            }
        }
        self.trim();
    }

    fn trim(&mut self) {
        let start = self.newest().unwrap_or_default() - WINDOW;
        let old = self.points.partition_point(|point| point.timestamp < start);
        let spare = self.points.len().saturating_sub(self.least);
        let surplus = self.points.len().saturating_sub(CAPACITY);
        self.points.drain(..surplus.max(old.min(spare)));
        self.find_gaps();
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::layout::Series;

    use super::*;

    fn data(timestamp: f64, values: &[(&str, f64)]) -> ChartData {
        ChartData {
            timestamp,
            values: values.iter().map(|(k, v)| ((*k).into(), *v)).collect(),
        }
    }

    fn times(history: &ChartHistory, chart: &Chart) -> Vec<f64> {
        let points = history.latest(chart);
        points.iter().map(|point| point.timestamp).collect()
    }

    #[test]
    fn twenty_five_points_leave_the_last_twenty() {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        for n in 0..25 {
            history.insert(&data(100.0 + f64::from(n), &[("requests", f64::from(n))]));
        }
        let points = history.latest(&layout.chart[0]);
        assert_eq!(points.len(), 20);
        assert_eq!(points[0].timestamp, 105.0);
        assert_eq!(points[19].values, [Some(24.0), None]);
    }

    #[test]
    fn points_stand_in_the_order_of_their_times() {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        for timestamp in [30.0, 10.0, 20.0] {
            history.insert(&data(timestamp, &[("requests", 1.0)]));
        }
        assert_eq!(times(&history, &layout.chart[0]), [10.0, 20.0, 30.0]);
    }

    #[test]
    fn points_are_kept_for_an_hour_and_as_many_as_a_chart_shows() {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        for n in 0..30 {
            history.insert(&data(600.0 * f64::from(n), &[("requests", 1.0)]));
        }
        assert_eq!(history.points.len(), 20);
        let before = history.clone();
        history.insert(&data(1.0, &[("requests", 9.0)]));
        assert_eq!(history, before, "too late");
        let chart = &layout.chart[0];
        assert_eq!(history.since(chart, 17_000.0).len(), 1);
        for n in 0..5000 {
            history.insert(&data(20_000.0 + f64::from(n), &[("requests", 1.0)]));
        }
        assert_eq!(history.points.len(), CAPACITY);
        assert_eq!(history.since(chart, 0.0).len(), CAPACITY);
        assert_eq!(history.latest(chart).len(), 20);
    }

    #[test]
    fn a_break_is_a_gap_where_the_points_lie_further_apart_than_usual() {
        let mut history = ChartHistory::new(&Layout::default());
        let add = |history: &mut ChartHistory, time: f64| {
            history.insert(&data(time, &[("requests", 1.0)]));
        };
        for time in [10.0, 12.0, 14.0, 16.0] {
            add(&mut history, time);
        }
        history.break_after(16.0);
        assert_eq!(history.gaps(), [], "not before there is a point after it");
        add(&mut history, 20.0);
        assert_eq!(history.gaps(), [], "no more than one point is missing");
        history.break_after(20.0);
        add(&mut history, 40.0);
        let gap = Gap {
            after: 20.0,
            before: 40.0,
        };
        assert_eq!(history.gaps(), [gap]);
        add(&mut history, 42.0);
        assert_eq!(history.gaps(), [gap]);
        for time in (22..40).step_by(2) {
            add(&mut history, time.into());
        }
        assert_eq!(history.gaps(), [], "late points close it");
    }

    #[test]
    fn a_point_of_the_same_time_replaces_what_it_brings() {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        history.insert(&data(1.0, &[("requests", 1.0), ("errors", 2.0)]));
        history.insert(&data(1.0, &[("requests", 5.0)]));
        let points = history.latest(&layout.chart[0]);
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].values, [Some(5.0), Some(2.0)]);
        let before = history.clone();
        history.insert(&data(1.0, &[("requests", 5.0)]));
        assert_eq!(history, before, "a duplicate changes nothing");
    }

    #[test]
    fn only_the_layouts_series_are_kept() {
        let layout = Layout::default();
        let mut history = ChartHistory::new(&layout);
        history.insert(&data(1.0, &[("other", 1.0)]));
        history.insert(&data(2.0, &[("requests", f64::NAN)]));
        assert_eq!(history, ChartHistory::new(&layout));
    }

    #[test]
    fn each_chart_gets_its_own_series_and_length() {
        let mut layout = Layout::default();
        layout.chart.push(Chart {
            title: "Queue".into(),
            points: 2,
            series: vec![Series {
                key: "queue".into(),
                label: None,
            }],
            ..layout.chart[0].clone()
        });
        let mut history = ChartHistory::new(&layout);
        for n in 0..3 {
            history.insert(&data(f64::from(n), &[("requests", 1.0), ("queue", 2.0)]));
        }
        history.insert(&data(3.0, &[("requests", 1.0)]));
        assert_eq!(times(&history, &layout.chart[0]), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(times(&history, &layout.chart[1]), [1.0, 2.0]);
    }

    #[test]
    fn no_layout_keeps_more_than_a_chart_may_show() {
        let mut layout = Layout::default();
        layout.chart[0].points = usize::MAX;
        let mut history = ChartHistory::new(&layout);
        for n in 0..1100 {
            history.insert(&data(f64::from(n), &[("requests", 1.0)]));
        }
        assert_eq!(history.points.len(), 1100);
        assert_eq!(history.least, Chart::MAX_POINTS);
    }
}
