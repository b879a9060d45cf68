//! A chart's geometry, apart from how it is drawn: what stands where. Places
//! are shares of the drawing: 0 at its left or top edge, 1 at the other. Times
//! are seconds since the Unix epoch.

mod time;

use live_dashboard_protocol::layout::{Better, Chart, ChartKind};

use self::time::{
    TIME_PARTS, by_count, by_time, gaps_before, holes, median_step, time_axis, usual_step,
};
use crate::model::format::yardstick;
use crate::model::ticks::time_step;
use crate::model::trend::Severity;
use crate::model::{Axis, Gap, Point, Range};

/// How many marks a range is drawn with at most; of more points, peaks are
/// drawn.
const MOST_BARS: f64 = 120.0;
const MOST_VERTICES: f64 = 400.0;

/// Where everything of a chart stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn, oldest first.
    pub marks: Vec<Mark>,
    /// How much of the width belongs to one mark.
    pub slot: f64,
    /// How many seconds a mark is the peak of; `None` where it is a point.
    pub peak_of: Option<f64>,
    /// The value axis, in units of the yardstick.
    pub axis: Axis,
    /// How much one unit of the axis is, and its name.
    pub yardstick: (f64, &'static str),
    /// The time axis' ticks.
    pub times: Vec<TimeTick>,
    /// Whether those need seconds to be told apart.
    pub to_the_second: bool,
    /// The stretches that nothing is known of.
    pub holes: Vec<Hole>,
    /// The regions beyond the thresholds.
    pub bands: Vec<Band>,
}

/// One moment of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// When, and the values.
    pub point: Point,
    /// Where its middle stands.
    pub place: f64,
    /// Whether nothing is known of the time just before it.
    pub after_gap: bool,
}

/// A tick of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeTick {
    /// When.
    pub at: f64,
    /// Where.
    pub place: f64,
    /// Every other one, which is left away where there is little room.
    pub minor: bool,
}

/// A stretch that nothing is known of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hole {
    /// From when to when.
    pub gap: Gap,
    /// Where it begins.
    pub place: f64,
    /// How wide it is.
    pub width: f64,
}

/// The region beyond a threshold, as far as it can be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// How bad it is there.
    pub severity: Severity,
    /// The threshold, in the chart's own unit.
    pub threshold: f64,
    /// Where the threshold lies.
    pub line: f64,
    /// Where the band begins.
    pub top: f64,
    /// How high it is.
    pub height: f64,
}

impl Plot {
    /// The geometry of these points, which are those of the range, oldest
    /// first. `utc_offset` gives the place's offset at a moment, in minutes.
    pub fn new(
        chart: &Chart,
        range: Range,
        points: &[Point],
        gaps: &[Gap],
        utc_offset: impl Fn(f64) -> i32,
    ) -> Self {
        let step = usual_step(points);
        let (points, peak_of) = match range.seconds() {
            Some(span) => peaks(chart.kind, points, span, step),
            None => (points.to_vec(), None),
        };
        let step = peak_of.unwrap_or(step);
        let gap_before = gaps_before(&points, gaps, step);
        let offset = points.last().map_or(0, |point| utc_offset(point.timestamp));
        let time = match range.seconds() {
            Some(span) => by_time(chart.kind, &points, span, step),
            None => by_count(chart, &points, &gap_before),
        };
        let tick_step = time_step(time.span, TIME_PARTS);
        let yardstick = yardstick(chart.format, largest(&points));
        let axis = axis(chart, &points, yardstick.0);
        Self {
            times: time_axis(&time, &points, &gap_before, tick_step, offset),
            to_the_second: tick_step < 60.0,
            holes: holes(&time, &points, &gap_before),
            bands: bands(chart, &axis, yardstick.0),
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
            yardstick,
        }
    }

    /// How far down a value lies.
    pub fn depth(&self, value: f64) -> f64 {
        self.axis.depth(value / self.yardstick.0)
    }

    /// Which mark stands closest to a place.
    pub fn nearest(&self, place: f64) -> Option<usize> {
        let distance = |n: &usize| (self.marks[*n].place - place).abs();
        (0..self.marks.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// Which mark stands for a moment; `None` where none is close enough.
    pub fn at(&self, at: f64) -> Option<usize> {
        let after = self
            .marks
            .partition_point(|mark| mark.point.timestamp <= at);
        let candidates = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let distance = |n: &usize| (self.marks[*n].point.timestamp - at).abs();
        let nearest = candidates
            .filter(|n| *n < self.marks.len())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        let close = self.peak_of.unwrap_or_else(|| self.usual_step());
        (distance(&nearest) <= close).then_some(nearest)
    }

    fn usual_step(&self) -> f64 {
        median_step(self.marks.iter().rev().map(|mark| -mark.point.timestamp))
    }
}

/// Where there are more points than marks: the values farthest from zero of
/// equal stretches, which begin at round moments, so that they stay as the
/// window moves on. A spike is what people look for: an average would hide it.
fn peaks(kind: ChartKind, points: &[Point], span: f64, step: f64) -> (Vec<Point>, Option<f64>) {
    let most = match kind {
        ChartKind::Bars => MOST_BARS,
        ChartKind::Lines => MOST_VERTICES,
    };
    if span / step <= most {
        return (points.to_vec(), None);
    }
    let stretch = time_step(span, most);
    let begin = |point: &Point| (point.timestamp / stretch).floor() * stretch;
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
    (peaks, Some(stretch))
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

/// The value axis: bars stand on zero; thresholds that are near are on it.
fn axis(chart: &Chart, points: &[Point], divisor: f64) -> Axis {
    let (low, high) = values(points).fold((0.0_f64, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let near = |threshold: &f64| (1.5 * low..=1.5 * high).contains(threshold);
    let thresholds = [chart.warning, chart.critical];
    let thresholds = thresholds.into_iter().flatten().filter(near);
    let all = values(points)
        .chain(thresholds)
        .map(|value| value / divisor);
    let all: Vec<_> = all.collect();
    match chart.kind {
        ChartKind::Bars => Axis::new(all),
        ChartKind::Lines => Axis::close(all),
    }
}

/// From the worst band on; each ends where the next begins.
fn bands(chart: &Chart, axis: &Axis, divisor: f64) -> Vec<Band> {
    // Where the bad side ends: the axis' top or bottom.
    let mut end = match chart.better {
        Better::Lower => 0.0,
        Better::Higher => 1.0,
    };
    let mut bands = Vec::new();
    for (severity, threshold) in [
        (Severity::Critical, chart.critical),
        (Severity::Warning, chart.warning),
    ] {
        let Some(threshold) = threshold else { continue };
        let line = axis.depth(threshold / divisor);
        let height = (line - end).abs();
        let bad_side = match chart.better {
            Better::Lower => line > end,
            Better::Higher => line < end,
        };
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
