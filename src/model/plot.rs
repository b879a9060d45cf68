//! A chart's geometry, apart from how it is drawn: what stands where. Places
//! are shares of the drawing: 0 at its left or top edge, 1 at the other. Times
//! are seconds since the Unix epoch.

use live_dashboard_protocol::layout::{Better, Chart, ChartKind};

use crate::model::format::yardstick;
use crate::model::ticks::{time_step, time_ticks};
use crate::model::trend::Severity;
use crate::model::{Axis, Gap, Point, Range};

/// How many marks a range is drawn with at most; of more points, averages are
/// drawn.
const MOST_BARS: f64 = 120.0;
const MOST_VERTICES: f64 = 400.0;

/// A pause longer than so many usual distances of two points is a gap.
const PAUSE: f64 = 4.0;

/// The distance of two points where there are not two, in seconds.
const USUAL_STEP: f64 = 3.0;

/// How many distances of points tell the usual one.
const SAMPLE: usize = 30;

/// Into how many parts the ticks divide the time axis at most.
const TIME_PARTS: f64 = 6.0;

/// How far apart two ticks of the time axis stand at least.
const LEAST_APART: f64 = 0.09;

/// Where everything of a chart stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn, oldest first.
    pub marks: Vec<Mark>,
    /// How much of the width belongs to one mark.
    pub slot: f64,
    /// How many seconds a mark is the average of; `None` where it is a point.
    pub averaged: Option<f64>,
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
        let (points, averaged) = match range.seconds() {
            Some(span) => averages(chart.kind, points, span, step),
            None => (points.to_vec(), None),
        };
        let step = averaged.unwrap_or(step);
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
            averaged,
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
        let close = self.averaged.unwrap_or_else(|| self.usual_step());
        (distance(&nearest) <= close).then_some(nearest)
    }

    fn usual_step(&self) -> f64 {
        median_step(self.marks.iter().rev().map(|mark| -mark.point.timestamp))
    }
}

/// Where the marks stand along the time axis.
struct TimePlaces {
    places: Vec<f64>,
    slot: f64,
    /// How many seconds the width stands for, gaps of counted points aside.
    span: f64,
    /// The window's start and end; `None` where points are counted.
    window: Option<(f64, f64)>,
}

/// Places in proportion to the time.
fn by_time(kind: ChartKind, points: &[Point], span: f64, step: f64) -> TimePlaces {
    let newest = points.last().map_or(0.0, |point| point.timestamp);
    // A bar has its half on each side of its moment; a line ends at the edge.
    let half = match kind {
        ChartKind::Bars => step / 2.0,
        ChartKind::Lines => 0.0,
    };
    let (start, end) = (newest - span - half, newest + half);
    let place = |point: &Point| ((point.timestamp - start) / (end - start)).clamp(0.0, 1.0);
    TimePlaces {
        places: points.iter().map(place).collect(),
        slot: step / (end - start),
        span,
        window: Some((start, end)),
    }
}

/// Places of equal width, the newest point at the right edge; a gap takes a
/// place of its own.
fn by_count(chart: &Chart, points: &[Point], gap_before: &[bool]) -> TimePlaces {
    let gaps = gap_before.iter().filter(|gap| **gap).count();
    let wanted = chart.points.min(Chart::MAX_POINTS).max(points.len()).max(1);
    let slots = (wanted + gaps) as f64;
    let mut places = Vec::with_capacity(points.len());
    let mut next = (wanted - points.len()) as f64;
    for gap in gap_before {
        next += if *gap { 1.0 } else { 0.0 };
        places.push((next + 0.5) / slots);
        next += 1.0;
    }
    TimePlaces {
        places,
        slot: 1.0 / slots,
        span: usual_step(points) * wanted as f64,
        window: None,
    }
}

fn time_axis(
    time: &TimePlaces,
    points: &[Point],
    gap_before: &[bool],
    step: f64,
    utc_offset: i32,
) -> Vec<TimeTick> {
    let mut ticks: Vec<TimeTick> = Vec::new();
    let mut add = |at: f64, place: f64| {
        let free = ticks
            .last()
            .is_none_or(|last| place - last.place >= LEAST_APART);
        if free {
            let count = ((at + f64::from(utc_offset) * 60.0) / step).round();
            let minor = count % 2.0 != 0.0;
            ticks.push(TimeTick { at, place, minor });
        }
    };
    if let Some((start, end)) = time.window {
        for at in time_ticks(start, end, step, utc_offset) {
            add(at, (at - start) / (end - start));
        }
        return ticks;
    }
    // Between two points that belong together time runs evenly.
    for n in 1..points.len() {
        let (from, to) = (points[n - 1].timestamp, points[n].timestamp);
        if gap_before[n] || to <= from {
            continue;
        }
        let (left, right) = (time.places[n - 1], time.places[n]);
        for at in time_ticks(from, to, step, utc_offset) {
            add(at, left + (right - left) * (at - from) / (to - from));
        }
    }
    if let (true, Some(point)) = (ticks.is_empty(), points.last()) {
        let place = time.places.last().copied().unwrap_or(1.0);
        let (at, minor) = (point.timestamp, false);
        ticks.push(TimeTick { at, place, minor });
    }
    ticks
}

fn holes(time: &TimePlaces, points: &[Point], gap_before: &[bool]) -> Vec<Hole> {
    let gaps = (1..points.len()).filter(|n| gap_before[*n]);
    gaps.map(|n| {
        // What the marks on both sides leave free.
        let half = time.slot / 2.0;
        let (left, right) = (time.places[n - 1] + half, time.places[n] - half);
        Hole {
            gap: Gap {
                after: points[n - 1].timestamp,
                before: points[n].timestamp,
            },
            place: left,
            width: (right - left).max(0.0),
        }
    })
    .collect()
}

/// For each point whether a gap lies before it: one that is known of, or a
/// long pause.
fn gaps_before(points: &[Point], gaps: &[Gap], step: f64) -> Vec<bool> {
    let mut before: Vec<_> = points
        .windows(2)
        .map(|pair| {
            let (from, to) = (pair[0].timestamp, pair[1].timestamp);
            let known = |gap: &Gap| gap.after < to && gap.before > from;
            to - from > PAUSE * step || gaps.iter().any(known)
        })
        .collect();
    if !points.is_empty() {
        before.insert(0, false);
    }
    before
}

fn usual_step(points: &[Point]) -> f64 {
    median_step(points.iter().rev().map(|point| -point.timestamp))
}

/// The median of the first distances of these times, which grow.
fn median_step(times: impl Iterator<Item = f64> + Clone) -> f64 {
    let mut sorted: Vec<f64> = Vec::new();
    let pairs = times.clone().zip(times.skip(1));
    for step in pairs
        .map(|(from, to)| to - from)
        .filter(|step| *step > 0.0)
        .take(SAMPLE)
    {
        let place = sorted.partition_point(|known| *known < step);
        sorted.insert(place, step);
    }
    sorted.get(sorted.len() / 2).copied().unwrap_or(USUAL_STEP)
}

/// Where there are more points than marks: the averages of equal stretches,
/// which begin at round moments, so that they stay as the window moves on.
fn averages(kind: ChartKind, points: &[Point], span: f64, step: f64) -> (Vec<Point>, Option<f64>) {
    let most = match kind {
        ChartKind::Bars => MOST_BARS,
        ChartKind::Lines => MOST_VERTICES,
    };
    if span / step <= most {
        return (points.to_vec(), None);
    }
    let stretch = time_step(span, most);
    let begin = |point: &Point| (point.timestamp / stretch).floor() * stretch;
    let averages = points
        .chunk_by(|a, b| begin(a) == begin(b))
        .map(|chunk| Point {
            timestamp: begin(&chunk[0]),
            values: (0..chunk[0].values.len())
                .map(|series| {
                    let values = chunk.iter().filter_map(|point| point.values[series]);
                    let (sum, count) =
                        values.fold((0.0, 0.0), |(s, n), value| (s + value, n + 1.0));
                    (count > 0.0).then_some(sum / count)
                })
                .collect(),
        })
        .collect();
    (averages, Some(stretch))
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
