//! The time axis: the places of marks, ticks and gaps.

use live_dashboard_protocol::layout::{Chart, ChartKind};

use super::ticks::time_ticks;
use super::{PlotGap, TimeTick};
use crate::model::history::spacings;
use crate::model::{Gap, Point};

/// A pause longer than this many times the usual spacing is a gap.
const PAUSE: f64 = 4.0;

/// The spacing of points if there are not two, in seconds.
const USUAL_STEP: f64 = 3.0;

/// The maximum number of parts between the ticks of the time axis.
pub(super) const TIME_PARTS: f64 = 6.0;

/// The minimum distance of two ticks of the time axis.
const MIN_DISTANCE: f64 = 0.09;

/// The tolerance for rounding errors of places.
const NOISE: f64 = 1e-9;

/// The places of the marks along the time axis.
pub(super) struct TimePlaces {
    pub(super) places: Vec<f64>,
    pub(super) slot: f64,
    /// The seconds that the width covers, without the gaps of counted points.
    pub(super) span: f64,
    /// The window's start and end; `None` if points are counted.
    window: Option<(f64, f64)>,
}

/// Places proportional to time.
pub(super) fn by_time(kind: ChartKind, points: &[Point], span: f64, step: f64) -> TimePlaces {
    let newest = points.last().map_or(0.0, |point| point.timestamp);
    // A bar is centred on its time; a line ends at the edge.
    let half = match kind.has_bars() {
        true => step / 2.0,
        false => 0.0,
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

/// Slots of equal width, the newest point at the right edge; a gap takes a slot
/// of its own.
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
        span: usual_step(points.iter().map(|point| point.timestamp)) * wanted as f64,
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
    let mut last_major = f64::NEG_INFINITY;
    let mut add = |at: f64, place: f64| {
        let free = ticks
            .last()
            .is_none_or(|last| place - last.place >= MIN_DISTANCE);
        if free {
            let count = ((at + f64::from(utc_offset) * 60.0) / step).round();
            // Beside a gap, two even ones may be neighbours.
            let crowded = place - last_major < 2.0 * MIN_DISTANCE - NOISE;
            let minor = count % 2.0 != 0.0 || crowded;
            if !minor {
                last_major = place;
            }
            ticks.push(TimeTick { at, place, minor });
        }
    };
    if let Some((start, end)) = time.window {
        for at in time_ticks(start, end, step, utc_offset) {
            add(at, (at - start) / (end - start));
        }
        return ticks;
    }
    // Between two points without a gap time is linear.
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
    if ticks.iter().all(|tick| tick.minor)
        && let Some(tick) = ticks.last_mut()
    {
        tick.minor = false;
    }
    if let (true, Some(point)) = (ticks.is_empty(), points.last()) {
        let place = time.places.last().copied().unwrap_or(1.0);
        let (at, minor) = (point.timestamp, false);
        ticks.push(TimeTick { at, place, minor });
    }
    ticks
}

pub(super) fn plot_gaps(time: &TimePlaces, points: &[Point], gap_before: &[bool]) -> Vec<PlotGap> {
    let gaps = (1..points.len()).filter(|n| gap_before[*n]);
    gaps.map(|n| {
        // The room between the slots on both sides.
        let half = time.slot / 2.0;
        let (left, right) = (time.places[n - 1] + half, time.places[n] - half);
        PlotGap {
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

/// For each point, whether a known gap or a long pause precedes it.
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

/// The usual spacing of points at these times, oldest first, in seconds.
pub(super) fn usual_step(times: impl DoubleEndedIterator<Item = f64> + Clone) -> f64 {
    let sorted = spacings(times);
    sorted.get(sorted.len() / 2).copied().unwrap_or(USUAL_STEP)
}
