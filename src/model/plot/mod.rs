//! A chart's geometry, without its drawing. Places are fractions of the drawing
//! area: 0 at its left or top edge, 1 at the other. Times are seconds since the
//! Unix epoch.

mod axis;
mod ticks;
mod time;

use live_dashboard_protocol::layout::{Better, Chart, ChartKind, Scale};

use crate::model::format::axis_unit;
use crate::model::trend::Severity;
use crate::model::{Gap, Point};
pub use axis::Axis;
use ticks::{DAY, time_step};
use time::{TIME_PARTS, by_count, by_time, gaps_before, plot_gaps, time_axis, usual_step};

/// The maximum number of marks of a range; more points are reduced to peaks.
const MAX_BARS: f64 = 120.0;
const MAX_VERTICES: f64 = 400.0;

/// The places of all parts of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn, oldest first.
    pub marks: Vec<Mark>,
    /// The width of one mark's slot.
    pub slot: f64,
    /// How many seconds each mark is the peak of; `None` if each is one point.
    pub peak_of: Option<f64>,
    /// The value axis, in multiples of `axis_unit`.
    pub axis: Axis,
    /// The unit of the value axis: its size in the chart's own unit, and its
    /// name.
    pub axis_unit: (f64, &'static str),
    /// The time axis' ticks.
    pub times: Vec<TimeTick>,
    /// Whether their labels need seconds.
    pub to_the_second: bool,
    /// Whether they are days.
    pub by_day: bool,
    /// The periods without data.
    pub gaps: Vec<PlotGap>,
    /// The regions beyond the thresholds.
    pub bands: Vec<Band>,
}

/// One moment of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// When, and the values.
    pub point: Point,
    /// Its centre.
    pub place: f64,
    /// Whether a period without data precedes it.
    pub after_gap: bool,
}

/// A tick of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeTick {
    /// When.
    pub at: f64,
    /// Where.
    pub place: f64,
    /// Whether its label is hidden if there is little room: every other one.
    pub minor: bool,
}

/// A period without data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlotGap {
    /// From when to when.
    pub gap: Gap,
    /// Its left edge.
    pub place: f64,
    /// Its width.
    pub width: f64,
}

/// The visible region beyond a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The severity of values in it.
    pub severity: Severity,
    /// The threshold, in the chart's own unit.
    pub threshold: f64,
    /// The threshold's place.
    pub line: f64,
    /// Its top edge.
    pub top: f64,
    /// Its height.
    pub height: f64,
}

impl Plot {
    /// The geometry of these points, oldest first, over `span` seconds up to the newest,
    /// or as many as the chart shows. `utc_offset` returns
    /// the time zone's offset at a time, in minutes.
    pub fn new(
        chart: &Chart,
        span: Option<f64>,
        points: &[Point],
        gaps: &[Gap],
        utc_offset: impl Fn(f64) -> i32,
    ) -> Self {
        let step = usual_step(points.iter().map(|point| point.timestamp));
        let (points, peak_of) = match span {
            Some(span) => peaks(chart.kind, points, span, step),
            None => (points.to_vec(), None),
        };
        let step = peak_of.unwrap_or(step);
        let gap_before = gaps_before(&points, gaps, step);
        let offset = points.last().map_or(0, |point| utc_offset(point.timestamp));
        let time = match span {
            Some(span) => by_time(chart.kind, &points, span, step),
            None => by_count(chart, &points, &gap_before),
        };
        let tick_step = time_step(time.span, TIME_PARTS);
        let axis_unit = match chart.scale {
            Scale::Linear => axis_unit(&chart.notation(), largest(&points)),
            Scale::Log => (1.0, ""),
        };
        let axis = axis(chart, &points, axis_unit.0);
        Self {
            times: time_axis(&time, &points, &gap_before, tick_step, offset),
            to_the_second: tick_step < 60.0,
            by_day: tick_step >= DAY,
            gaps: plot_gaps(&time, &points, &gap_before),
            bands: bands(chart, &axis, axis_unit.0),
            marks: points
                .into_iter()
                .zip(&time.places)
                .zip(&gap_before)
                .map(|((point, place), after_gap)| Mark {
                    point,
                    place: *place,
                    after_gap: *after_gap,
                })
                .collect(),
            slot: time.slot,
            peak_of,
            axis,
            axis_unit,
        }
    }

    /// A value's distance from the top.
    pub fn depth(&self, value: f64) -> f64 {
        self.axis.depth(value / self.axis_unit.0)
    }

    /// A mark's value of a series: where it begins and where it ends. It begins at
    /// zero, or where stacked values of the same sign below it end.
    pub fn extent(&self, kind: ChartKind, mark: &Mark, series: usize) -> Option<(f64, f64)> {
        let value = mark.point.values.get(series).copied().flatten()?;
        let mut below = 0.0;
        if kind == ChartKind::Stacked {
            let earlier = mark.point.values[..series].iter().flatten();
            below = earlier.filter(|other| **other * value > 0.0).sum();
        }
        Some((self.depth(below), self.depth(below + value)))
    }

    /// The mark closest to a place.
    pub fn nearest(&self, place: f64) -> Option<usize> {
        let distance = |n: &usize| (self.marks[*n].place - place).abs();
        (0..self.marks.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// The mark closest to a time; `None` if none is close enough.
    pub fn at(&self, at: f64) -> Option<usize> {
        let after = self
            .marks
            .partition_point(|mark| mark.point.timestamp <= at);
        let candidates = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let distance = |n: &usize| (self.marks[*n].point.timestamp - at).abs();
        let nearest = candidates
            .filter(|n| *n < self.marks.len())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        let times = self.marks.iter().map(|mark| mark.point.timestamp);
        let close = self.peak_of.unwrap_or_else(|| usual_step(times));
        (distance(&nearest) <= close).then_some(nearest)
    }
}

/// Reduces more points than marks to the values farthest from zero in periods of
/// equal length, which begin at round times so that they stay the same as the
/// window moves. People look for spikes; an average would hide them.
fn peaks(kind: ChartKind, points: &[Point], span: f64, step: f64) -> (Vec<Point>, Option<f64>) {
    let max = match kind.has_bars() {
        true => MAX_BARS,
        false => MAX_VERTICES,
    };
    if span / step <= max {
        return (points.to_vec(), None);
    }
    let period = time_step(span, max);
    let begin = |point: &Point| (point.timestamp / period).floor() * period;
    let peaks = points
        .chunk_by(|a, b| begin(a) == begin(b))
        .map(|chunk| Point {
            timestamp: begin(&chunk[0]),
            values: (0..chunk[0].values.len())
                .map(|series| {
                    let values = chunk.iter().filter_map(|point| point.values[series]);
                    values.max_by(|a, b| a.abs().total_cmp(&b.abs()))
                })
                .collect(),
        })
        .collect();
    (peaks, Some(period))
}

fn values(points: &[Point]) -> impl Iterator<Item = f64> + Clone {
    points
        .iter()
        .flat_map(|point| &point.values)
        .flatten()
        .copied()
}

fn largest(points: &[Point]) -> f64 {
    values(points).fold(0.0, |largest, value| value.abs().max(largest))
}

/// The values that the axis has to cover: for stacked bars their sums.
fn covered(kind: ChartKind, points: &[Point]) -> Vec<f64> {
    if kind != ChartKind::Stacked {
        return values(points).collect();
    }
    let sum = |point: &Point, sign: f64| -> f64 {
        let values = point.values.iter().flatten();
        values.filter(|value| **value * sign > 0.0).sum()
    };
    let sums = points.iter();
    sums.flat_map(|point| [sum(point, 1.0), sum(point, -1.0)])
        .collect()
}

/// The value axis: it includes zero for bars, and thresholds close by. The layout's
/// bounds count instead of the values beyond them.
fn axis(chart: &Chart, points: &[Point], divisor: f64) -> Axis {
    let covered = covered(chart.kind, points);
    let (low, high) = covered
        .iter()
        .fold((0.0_f64, 0.0_f64), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    let near = |threshold: &f64| (1.5 * low..=1.5 * high).contains(threshold);
    let thresholds = [chart.warning, chart.critical];
    let thresholds = thresholds.into_iter().flatten().filter(near);
    let bounds = [chart.min, chart.max].map(|bound| bound.map(|bound| bound / divisor));
    let all = covered.into_iter().chain(thresholds).map(|value| {
        let value = (value / divisor).max(bounds[0].unwrap_or(f64::NEG_INFINITY));
        value.min(bounds[1].unwrap_or(f64::INFINITY))
    });
    let all: Vec<_> = all.chain(bounds.into_iter().flatten()).collect();
    if chart.scale == Scale::Log {
        Axis::log(&all)
    } else if let (Some(low), false) = (bounds[0], chart.kind.has_bars()) {
        Axis::reaching(all, low, low)
    } else if chart.kind.has_bars() {
        Axis::new(all)
    } else {
        Axis::close(all)
    }
}

/// The bands, the worst first; each ends where the next begins.
fn bands(chart: &Chart, axis: &Axis, divisor: f64) -> Vec<Band> {
    // The end of the bad side: the axis' top or bottom.
    let mut end = match chart.better {
        Better::Lower => 0.0,
        Better::Higher => 1.0,
        Better::Neither => return Vec::new(),
    };
    let mut bands = Vec::new();
    for (severity, threshold) in [
        (Severity::Critical, chart.critical),
        (Severity::Warning, chart.warning),
    ] {
        let Some(threshold) = threshold else { continue };
        let line = axis.depth(threshold / divisor);
        let height = (line - end).abs();
        let bad_side = (line > end) == (chart.better == Better::Lower);
        if bad_side && height > 0.0 {
            bands.push(Band {
                severity,
                threshold,
                line,
                top: line.min(end),
                height,
            });
            end = line;
        }
    }
    bands
}

#[cfg(test)]
mod tests;
