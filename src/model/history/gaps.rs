//! Periods with missing points.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Moment, Order};

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

/// The known breaks, and the gaps that they left between points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gaps {
    /// The last message before each break.
    breaks: Vec<Order>,
    found: Vec<Gap>,
    /// The assumed spacing if there are too few points to tell, in seconds.
    patience: f64,
}

impl Gaps {
    pub(super) fn new(patience: f64) -> Self {
        Self {
            breaks: Vec::new(),
            found: Vec::new(),
            patience,
        }
    }

    pub(super) fn found(&self) -> &[Gap] {
        &self.found
    }

    pub(super) fn take_over(&mut self, old: Self) {
        self.breaks = old.breaks;
    }

    pub(super) fn add(&mut self, after: Order) {
        if let Err(place) = self.breaks.binary_search(&after) {
            self.breaks.insert(place, after);
            let surplus = self.breaks.len().saturating_sub(BREAKS);
            self.breaks.drain(..surplus);
        }
    }

    pub(super) fn remove(&mut self, after: Order) {
        self.breaks.retain(|known| *known != after);
    }

    /// Finds the gaps between these points.
    pub(super) fn find(&mut self, moments: &VecDeque<Rc<Moment>>) {
        self.found.clear();
        if self.breaks.is_empty() {
            return;
        }
        let spacings = spacings(moments.iter().map(|moment| moment.timestamp));
        let usual = match spacings.len() {
            0 | 1 => self.patience,
            n => spacings[(n - 1) / 2],
        };
        let least = TOLERANCE * usual;
        let gap = |after: &Order| gap_after(*after, moments);
        let gaps = self.breaks.iter().filter_map(gap);
        self.found
            .extend(gaps.filter(|gap| gap.before - gap.after > least));
        self.found.dedup();
    }
}

/// The period between the last point up to this message and the next one.
fn gap_after(last: Order, moments: &VecDeque<Rc<Moment>>) -> Option<Gap> {
    let known_before = |moment: &&Rc<Moment>| moment.orders().any(|known| known <= last);
    let after = moments.iter().rev().find(known_before)?.timestamp;
    let known_after = |moment: &&Rc<Moment>| {
        moment.timestamp > after && moment.orders().any(|known| known > last)
    };
    let before = moments.iter().find(known_after)?.timestamp;
    Some(Gap { after, before })
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
