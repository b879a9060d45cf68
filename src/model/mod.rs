//! What the dashboard knows, as plain data: no clock, no I/O, cannot fail.
//!
//! [`Model`] takes decoded messages; [`mod@format`] and [`trend`] say what its
//! numbers mean to people.
//!
//! Messages may come in any order and more than once, live and out of the
//! hub's store: what is known in the end is what it would be had each come
//! once, in order.

mod alerts;
mod axis;
mod connection;
pub mod format;
mod history;
mod news;
mod notes;
pub mod plot;
mod range;
mod stamp;
pub mod state;
mod stats;
#[cfg(test)]
mod tests;
mod ticks;
pub mod trend;
mod update;

use live_dashboard_protocol::layout::Layout;

pub use alerts::Alerts;
pub use axis::Axis;
pub use connection::{Connection, Problem};
pub use history::{ChartHistory, Gap, Point};
pub use news::{Bulletin, News, unseen};
pub use notes::Notes;
pub use range::Range;
pub use stamp::{Order, Stamp};
pub use stats::{StatValue, Stats};
pub use update::{AlertEntry, Update};

/// Whether what is shown still holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Freshness {
    /// Messages keep coming.
    Fresh,
    /// No numbers have come for longer than the layout allows.
    Stale {
        /// When the last ones were published, in milliseconds since the Unix
        /// epoch by the viewer's clock.
        since: f64,
    },
    /// None has come yet.
    Empty,
}

/// What was learned from one channel, under one layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    layout: Layout,
    stats: Stats,
    history: ChartHistory,
    alerts: Alerts,
    malformed: u64,
    alerted: bool,
    updated_at: Option<f64>,
}

impl Model {
    /// A model that has heard nothing yet.
    pub fn new(layout: Layout) -> Self {
        Self {
            stats: Stats::default(),
            history: ChartHistory::new(&layout),
            alerts: Alerts::default(),
            malformed: 0,
            alerted: false,
            updated_at: None,
            layout,
        }
    }

    /// Changes what is shown; the values of keys that stay are kept.
    pub fn set_layout(&mut self, layout: Layout) {
        self.stats.keep_only(&layout);
        self.history.set_layout(&layout);
        self.layout = layout;
    }

    /// Takes one message, in whatever order they come: one that came before
    /// changes nothing.
    ///
    /// What the layout does not show is not kept, so that memory is bounded
    /// whatever is published.
    pub fn apply(&mut self, update: Update, stamp: Stamp) {
        match update {
            Update::Stats(update) => self.stats.merge(&self.layout, update, stamp),
            Update::Point(point) if !ChartHistory::is_time(point.timestamp) => {
                self.malformed += 1;
                return;
            }
            Update::Point(point) => self.history.insert(&point, stamp.order),
            Update::Alert(entry) => {
                self.alerted = true;
                self.alerts.insert(entry);
                return;
            }
            Update::Malformed => {
                self.malformed += 1;
                return;
            }
        }
        self.updated_at = Some(self.updated_at.map_or(stamp.at, |at| at.max(stamp.at)));
    }

    /// The connection broke after this message, and what came between it and
    /// the next one that is known could not be had: where points are missing
    /// there, the charts have a gap.
    pub fn break_after(&mut self, message: Order) {
        self.history.break_after(message);
    }

    /// All that came after this message has been had.
    pub fn mend_after(&mut self, message: Order) {
        self.history.mend_after(message);
    }

    /// What was published when turned out to be so many milliseconds later by
    /// the viewer's clock: the clock was set, or the hub's is known better.
    pub fn shift(&mut self, milliseconds: f64) {
        self.stats.shift(milliseconds);
        self.alerts.shift(milliseconds);
        self.updated_at = self.updated_at.map(|at| at + milliseconds);
    }

    /// Whether what is shown still holds at `now`, in milliseconds since the
    /// Unix epoch by the viewer's clock. Alerts say nothing of how old the numbers
    /// are; where there are only alerts, nothing gets old.
    pub fn freshness(&self, now: f64) -> Freshness {
        match self.updated_at {
            None if self.alerted => Freshness::Fresh,
            None => Freshness::Empty,
            Some(since) if now - since > self.layout.stale_after * 1000.0 => {
                Freshness::Stale { since }
            }
            Some(_) => Freshness::Fresh,
        }
    }

    /// Forgets everything but the layout: nothing learned from one channel
    /// holds on another.
    pub fn clear(&mut self) {
        *self = Self::new(self.layout.clone());
    }

    /// What is shown, and how.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The metrics' current values.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The charts' newest points.
    pub fn history(&self) -> &ChartHistory {
        &self.history
    }

    /// The newest alerts.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// How many messages could not be read.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// When the last readable numbers were published, in milliseconds since the
    /// Unix epoch by the viewer's clock.
    pub fn updated_at(&self) -> Option<f64> {
        self.updated_at
    }
}
