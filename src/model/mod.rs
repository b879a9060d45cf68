//! What the dashboard knows, as plain data: no clock, no I/O, cannot fail.
//!
//! [`Model`] takes decoded messages; [`mod@format`] and [`trend`] say what its
//! numbers mean to people.

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
    /// None has come for longer than the layout allows.
    Stale {
        /// When the last one was published, in milliseconds since the Unix
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
    updated_at: Option<f64>,
    /// The newest point when the connection was lost.
    lost_after: Option<f64>,
}

impl Model {
    /// A model that has heard nothing yet.
    pub fn new(layout: Layout) -> Self {
        Self {
            stats: Stats::default(),
            history: ChartHistory::new(&layout),
            alerts: Alerts::default(),
            malformed: 0,
            updated_at: None,
            lost_after: None,
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
            Update::Point(point) => self.history.insert(&point),
            Update::Alert(entry) => self.alerts.insert(entry),
            Update::Malformed => {
                self.malformed += 1;
                return;
            }
        }
        self.updated_at = Some(self.updated_at.map_or(stamp.at, |at| at.max(stamp.at)));
    }

    /// The connection is lost: from here on messages may be missed.
    pub fn lost(&mut self) {
        if self.lost_after.is_none() {
            self.lost_after = self.history.newest();
        }
    }

    /// The connection is back, and either all that was missed has been taken
    /// (`complete`), or nobody knows what is missing.
    pub fn caught_up(&mut self, complete: bool) {
        if let Some(after) = self.lost_after.take()
            && !complete
        {
            self.history.break_after(after);
        }
    }

    /// Whether what is shown still holds at `now`, in milliseconds since the
    /// Unix epoch by the viewer's clock.
    pub fn freshness(&self, now: f64) -> Freshness {
        match self.updated_at {
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

    /// When the last readable message was published, in milliseconds since the
    /// Unix epoch by the viewer's clock.
    pub fn updated_at(&self) -> Option<f64> {
        self.updated_at
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::layout::Stat;
    use live_dashboard_protocol::payload::{Alert, ChartData, Level, Numbers};

    use super::*;

    fn at(time: u32) -> Stamp {
        Stamp::at(time.into())
    }

    fn stats(entries: &[(&str, f64)]) -> Update {
        Update::Stats(Numbers(
            entries.iter().map(|(k, v)| ((*k).into(), *v)).collect(),
        ))
    }

    fn point(timestamp: f64) -> Update {
        Update::Point(ChartData {
            timestamp,
            values: [("requests".to_owned(), 1.0)].into(),
        })
    }

    fn alert(id: &str) -> Update {
        Update::Alert(AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level: Level::Info,
                message: id.into(),
                key: None,
                status: None,
                url: None,
            },
        })
    }

    #[test]
    fn rubbish_is_counted_and_changes_nothing_else() {
        let mut model = Model::new(Layout::default());
        model.apply(stats(&[("activeUsers", 5.0)]), at(1));
        let before = model.clone();
        model.apply(Update::Malformed, at(2));
        for timestamp in [-1.0, 253_402_300_800.0, f64::NAN, f64::INFINITY] {
            model.apply(point(timestamp), at(3));
        }
        assert_eq!(model.malformed(), 5);
        assert_eq!(model.updated_at(), Some(1.0));
        assert_eq!(model.stats(), before.stats());
        assert_eq!(model.history(), before.history());
    }

    #[test]
    fn a_new_channel_starts_afresh_under_the_same_layout() {
        let mut model = Model::new(Layout::default());
        model.apply(stats(&[("activeUsers", 5.0)]), at(1));
        model.apply(point(7.0), at(1));
        model.apply(alert("a"), at(1));
        model.apply(Update::Malformed, at(1));
        model.clear();
        assert_eq!(model, Model::new(Layout::default()));
    }

    #[test]
    fn a_new_layout_keeps_the_values_of_keys_that_stay() {
        let mut model = Model::new(Layout::default());
        model.apply(stats(&[("activeUsers", 5.0), ("errorRate", 0.5)]), at(1));
        model.apply(point(7.0), at(1));
        model.apply(alert("a"), at(1));
        let mut layout = Layout::default();
        layout.stat.retain(|stat| stat.key == "errorRate");
        layout.stat.push(Stat {
            key: "queue".into(),
            ..layout.stat[0].clone()
        });
        layout.chart[0].series.reverse();
        model.set_layout(layout.clone());
        assert_eq!(model.layout(), &layout);
        assert_eq!(model.stats().get("activeUsers"), None);
        assert_eq!(model.stats().get("queue"), None);
        assert_eq!(
            model.stats().get("errorRate").map(|value| value.value),
            Some(0.5)
        );
        let points = model.history().latest(&layout.chart[0]);
        assert_eq!(points.len(), 1);
        assert_eq!(points[0].values, [None, Some(1.0)]);
        assert_eq!(model.alerts().newest(5).len(), 1);
    }

    #[test]
    fn data_is_stale_when_nothing_came_for_as_long_as_the_layout_says() {
        let mut model = Model::new(Layout::default());
        assert_eq!(model.freshness(0.0), Freshness::Empty);
        model.apply(stats(&[("activeUsers", 5.0)]), at(5_000));
        model.apply(stats(&[("activeUsers", 4.0)]), at(1_000));
        assert_eq!(model.freshness(15_000.0), Freshness::Fresh);
        assert_eq!(
            model.freshness(15_001.0),
            Freshness::Stale { since: 5_000.0 }
        );
    }

    #[test]
    fn what_was_missed_is_a_gap_unless_it_was_recovered() {
        let mut model = Model::new(Layout::default());
        let mut time = 0;
        let mut points = |model: &mut Model, from: u32, to: u32| {
            for seconds in from..to {
                time += 1;
                model.apply(point(seconds.into()), at(time));
            }
        };
        points(&mut model, 0, 10);
        model.lost();
        model.lost();
        points(&mut model, 30, 35);
        model.caught_up(true);
        assert_eq!(model.history().gaps(), []);
        model.lost();
        points(&mut model, 60, 65);
        model.caught_up(false);
        let gap = Gap {
            after: 34.0,
            before: 60.0,
        };
        assert_eq!(model.history().gaps(), [gap]);
    }
}
