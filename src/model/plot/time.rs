//! The time axis: where marks, ticks and gaps stand along it.

use live_dashboard_protocol::layout::{Chart, ChartKind};

use super::{Hole, TimeTick};
use crate::model::ticks::time_ticks;
use crate::model::{Gap, Point};

/// A pause longer than so many usual distances of two points is a gap.
const PAUSE: f64 = 4.0;

/// The distance of two points where there are not two, in seconds.
const USUAL_STEP: f64 = 3.0;

/// How many distances of points tell the usual one.
const SAMPLE: usize = 30;

/// Into how many parts the ticks divide the time axis at most.
pub(super) const TIME_PARTS: f64 = 6.0;

/// How far apart two ticks of the time axis stand at least.
const LEAST_APART: f64 = 0.09;

/// Where the marks stand along the time axis.
pub(super) struct TimePlaces {
    pub(super) places: Vec<f64>,
    pub(super) slot: f64,
    /// How many seconds the width stands for, gaps of counted points aside.
    pub(super) span: f64,
    /// The window's start and end; `None` where points are counted.
    window: Option<(f64, f64)>,
}

/// Places in proportion to the time.
pub(super) fn by_time(kind: ChartKind, points: &[Point], span: f64, step: f64) -> TimePlaces {
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
pub(super) fn by_count(chart: &Chart, points: &[Point], gap_before: &[bool]) -> TimePlaces {
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

pub(super) fn time_axis(
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

pub(super) fn holes(time: &TimePlaces, points: &[Point], gap_before: &[bool]) -> Vec<Hole> {
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
pub(super) fn gaps_before(points: &[Point], gaps: &[Gap], step: f64) -> Vec<bool> {
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

pub(super) fn usual_step(points: &[Point]) -> f64 {
    median_step(points.iter().rev().map(|point| -point.timestamp))
}

/// The median of the first distances of these times, which grow.
pub(super) fn median_step(times: impl Iterator<Item = f64> + Clone) -> f64 {
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
