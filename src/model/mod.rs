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
mod event;
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

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

pub use alerts::Alerts;
pub use axis::Axis;
pub use connection::{Connection, Problem};
pub use event::{AlertEntry, Changed, Event, Message, Slice};
pub use history::{ChartHistory, Gap, Point};
pub use news::{Bulletin, News, unseen};
pub use notes::Notes;
pub use range::Range;
pub use stamp::{Order, Stamp};
pub use stats::{StatValue, Stats};

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

/// Everything that a feed has told so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    connection: Connection,
    channel: ChannelData,
    dashboards: Vec<DashboardName>,
    must_choose: bool,
    new_page_version: bool,
    behind: bool,
}

/// What was learned from one channel, under one layout.
#[derive(Debug, Clone, PartialEq)]
struct ChannelData {
    layout: Layout,
    stats: Stats,
    history: ChartHistory,
    alerts: Alerts,
    alerted: bool,
    updated_at: Option<f64>,
}

impl Default for ChannelData {
    fn default() -> Self {
        Self::new(Layout::default())
    }
}

impl ChannelData {
    fn new(layout: Layout) -> Self {
        Self {
            stats: Stats::default(),
            history: ChartHistory::new(&layout),
            alerts: Alerts::default(),
            alerted: false,
            updated_at: None,
            layout,
        }
    }
}

impl Model {
    /// A model that has learned nothing yet, under a layout.
    pub fn new(layout: Layout) -> Self {
        Self {
            channel: ChannelData::new(layout),
            ..Self::default()
        }
    }

    /// Folds one event into the model and returns which slices changed.
    ///
    /// Messages may arrive in any order and more than once: a duplicate changes
    /// nothing. What the layout does not show is not kept, so that memory is
    /// bounded whatever is published.
    pub fn apply(&mut self, event: Event) -> Changed {
        let channel = &mut self.channel;
        match event {
            Event::Message(message, stamp) => channel.apply(message, stamp),
            Event::Malformed => Changed::NOTHING,
            Event::CaughtUp { after, complete } => {
                // Where points are missing after a loss that was not made good,
                // the charts show a gap.
                if complete {
                    channel.history.mend_after(after);
                } else {
                    channel.history.break_after(after);
                }
                Changed::of(&[Slice::History])
            }
            Event::ClockShift(milliseconds) => {
                channel.shift(milliseconds);
                Changed::of(&[Slice::Stats, Slice::Alerts])
            }
            Event::ChannelChanged => {
                *channel = ChannelData::new(std::mem::take(&mut channel.layout));
                Changed::of(&[Slice::Stats, Slice::History, Slice::Alerts])
            }
            Event::Layout(layout) if layout == channel.layout => Changed::NOTHING,
            Event::Layout(layout) => {
                channel.set_layout(layout);
                Changed::of(&[Slice::Layout, Slice::Stats, Slice::History])
            }
            Event::Backlog(behind) => {
                self.behind = behind;
                Changed::NOTHING
            }
            Event::Connection(connection) => {
                self.connection = connection;
                Changed::of(&[Slice::Connection])
            }
            Event::Dashboards(dashboards) => {
                self.dashboards = dashboards;
                Changed::of(&[Slice::Dashboards])
            }
            Event::ChooseDashboard => {
                self.must_choose = true;
                Changed::of(&[Slice::Dashboards])
            }
            Event::NewPageVersion => {
                self.new_page_version = true;
                Changed::of(&[Slice::PageVersion])
            }
        }
    }

    /// Whether what is shown still holds at `now`, in milliseconds since the
    /// Unix epoch by the viewer's clock. Alerts say nothing about the age of the
    /// numbers; where there are only alerts, nothing becomes stale.
    pub fn freshness(&self, now: f64) -> Freshness {
        match self.channel.updated_at {
            None if self.channel.alerted => Freshness::Fresh,
            None => Freshness::Empty,
            Some(since) if now - since > self.layout().stale_after * 1000.0 => {
                Freshness::Stale { since }
            }
            Some(_) => Freshness::Fresh,
        }
    }

    /// The state of the connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What is shown, and how.
    pub fn layout(&self) -> &Layout {
        &self.channel.layout
    }

    /// The metrics' current values.
    pub fn stats(&self) -> &Stats {
        &self.channel.stats
    }

    /// The charts' newest points.
    pub fn history(&self) -> &ChartHistory {
        &self.channel.history
    }

    /// The newest alerts.
    pub fn alerts(&self) -> &Alerts {
        &self.channel.alerts
    }

    /// The dashboards that the hub offers.
    pub fn dashboards(&self) -> &[DashboardName] {
        &self.dashboards
    }

    /// Whether the viewer must choose one of the dashboards.
    pub fn must_choose(&self) -> bool {
        self.must_choose
    }

    /// Whether the hub serves another version of the page than the one it
    /// served when the feed began.
    pub fn new_page_version(&self) -> bool {
        self.new_page_version
    }

    /// Whether a backlog is being read: what is drawn now is soon outdated.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// When the last numbers were published, in milliseconds since the Unix
    /// epoch by the viewer's clock.
    pub fn updated_at(&self) -> Option<f64> {
        self.channel.updated_at
    }
}

impl ChannelData {
    fn apply(&mut self, message: Message, stamp: Stamp) -> Changed {
        let changed = match message {
            Message::Stats(update) => {
                self.stats.merge(&self.layout, update, stamp);
                Slice::Stats
            }
            Message::Point(point) if !ChartHistory::is_time(point.timestamp) => {
                return Changed::NOTHING;
            }
            Message::Point(point) => {
                self.history.insert(&point, stamp.order);
                Slice::History
            }
            Message::Alert(entry) => {
                self.alerted = true;
                self.alerts.insert(entry);
                return Changed::of(&[Slice::Alerts]);
            }
        };
        self.updated_at = Some(self.updated_at.map_or(stamp.at, |at| at.max(stamp.at)));
        Changed::of(&[changed])
    }

    /// The values of keys that stay are kept.
    fn set_layout(&mut self, layout: Layout) {
        self.stats.keep_only(&layout);
        self.history.set_layout(&layout);
        self.layout = layout;
    }

    fn shift(&mut self, milliseconds: f64) {
        self.stats.shift(milliseconds);
        self.alerts.shift(milliseconds);
        self.updated_at = self.updated_at.map(|at| at + milliseconds);
    }
}
