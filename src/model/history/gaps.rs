//! Periods with missing points.

use super::Order;

/// How many breaks are remembered.
const BREAKS: usize = 32;
/// How many of the latest spacings determine the usual one.
const SAMPLE: usize = 30;
/// Across a break, points further apart than this many usual spacings leave a
/// gap: less than two, so that a single missing point is one.
const TOLERANCE: f64 = 1.5;

/// A period with missing messages, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The last point before it.
    pub after: f64,
    /// The first point after it.
    pub before: f64,
}

/// When a chart has a point, and the first message that its values are from.
pub(super) struct Arrival {
    pub(super) timestamp: f64,
    pub(super) first: Order,
}

/// The last message before each loss that was not made good.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Breaks(Vec<Order>);

impl Breaks {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a break; returns whether it is new.
    pub(super) fn add(&mut self, after: Order) -> bool {
        let place = self.0.binary_search(&after);
        if let Err(place) = place {
            self.0.insert(place, after);
            let surplus = self.0.len().saturating_sub(BREAKS);
            self.0.drain(..surplus);
        }
        place.is_err()
    }

    /// Removes a break; returns whether it was known.
    pub(super) fn remove(&mut self, after: Order) -> bool {
        let place = self.0.binary_search(&after);
        place.is_ok_and(|place| self.0.remove(place) == after)
    }

    /// The gaps between these points, oldest first. If there are too few to tell their
    /// usual spacing, `patience` is assumed, in seconds.
    pub(super) fn gaps(&self, points: &[Arrival], patience: f64) -> Vec<Gap> {
        let spacings = spacings(points.iter().map(|point| point.timestamp));
        let usual = match spacings.len() {
            0 | 1 => patience,
            n => spacings[(n - 1) / 2],
        };
        let gaps = self.0.iter().filter_map(|last| {
            let after = points.iter().rposition(|point| point.first <= *last)?;
            let before = points.get(after + 1)?.timestamp;
            let after = points[after].timestamp;
            (before - after > TOLERANCE * usual).then_some(Gap { after, before })
        });
        let mut gaps: Vec<_> = gaps.collect();
        gaps.dedup();
        gaps
    }
}

/// The positive spacings of the latest of these times, which are given oldest
/// first, sorted. An insertion sort: the standard library's would be the only one
/// in the page and add a kilobyte to it.
pub(in crate::model) fn spacings(times: impl DoubleEndedIterator<Item = f64> + Clone) -> Vec<f64> {
    let newest_first = times.rev();
    let pairs = newest_first.clone().zip(newest_first.skip(1));
    let spacings = pairs.map(|(later, earlier)| later - earlier);
    let mut sorted: Vec<f64> = Vec::with_capacity(SAMPLE);
    for spacing in spacings.filter(|spacing| *spacing > 0.0).take(SAMPLE) {
        let place = sorted.partition_point(|known| *known < spacing);
        sorted.insert(place, spacing);
    }
    sorted
}
