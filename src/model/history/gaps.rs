//! Where points are missing.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Moment, Order};

/// How many breaks are remembered.
const BREAKS: usize = 32;
/// How many of the latest spacings tell the usual one.
const SPACINGS: usize = 20;
/// How many times the usual spacing two points may lie apart across a break
/// without one being missed: less than two, since a single one is missed.
const TOLERANCE: f64 = 1.5;

/// A stretch of time of which messages are missing, in seconds since the Unix
/// epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The last point before it.
    pub after: f64,
    /// The first point after it.
    pub before: f64,
}

/// The breaks that are known of, and the gaps that they left among the points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gaps {
    /// For each break the last message before it.
    breaks: Vec<Order>,
    found: Vec<Gap>,
    /// How far apart points may lie where their usual spacing is not known, in
    /// seconds.
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

    /// Looks for the gaps among these points.
    pub(super) fn find(&mut self, moments: &VecDeque<Rc<Moment>>) {
        self.found.clear();
        if self.breaks.is_empty() {
            return;
        }
        let least = TOLERANCE * usual_spacing(moments).unwrap_or(self.patience);
        let gap = |after: &Order| gap_after(*after, moments);
        let gaps = self.breaks.iter().filter_map(gap);
        self.found
            .extend(gaps.filter(|gap| gap.before - gap.after > least));
        self.found.dedup();
    }
}

/// What lies between the last point up to this message and the next one.
fn gap_after(last: Order, moments: &VecDeque<Rc<Moment>>) -> Option<Gap> {
    let known_before = |moment: &&Rc<Moment>| moment.orders().any(|known| known <= last);
    let after = moments.iter().rev().find(known_before)?.timestamp;
    let known_after = |moment: &&Rc<Moment>| {
        moment.timestamp > after && moment.orders().any(|known| known > last)
    };
    let before = moments.iter().find(known_after)?.timestamp;
    Some(Gap { after, before })
}

/// The median of the latest spacings, in seconds; `None` where there are too
/// few to tell.
fn usual_spacing(moments: &VecDeque<Rc<Moment>>) -> Option<f64> {
    let times = moments.iter().rev().map(|moment| moment.timestamp);
    let mut spacings: Vec<f64> = times
        .clone()
        .zip(times.skip(1))
        .map(|(later, earlier)| later - earlier)
        .take(SPACINGS)
        .collect();
    spacings.sort_by(f64::total_cmp);
    (spacings.len() > 1).then(|| spacings[(spacings.len() - 1) / 2])
}
