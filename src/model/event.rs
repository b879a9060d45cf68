//! What happens to a dashboard, and which parts of the model that changes.

use std::ops::BitOr;

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::payload::{Alert, ChartData, StatsUpdate};
use live_dashboard_protocol::token::DashboardName;

use crate::model::{Connection, Order, Stamp};

/// One event of a feed. [`Model::apply`](super::Model::apply) folds it into the
/// model.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The state of the connection changed.
    Connection(Connection),
    /// A message of the channel. Messages may arrive late, out of order and
    /// more than once.
    Message(Message, Stamp),
    /// A message that could not be read.
    Malformed,
    /// The feed asked for the messages that it missed.
    CaughtUp {
        /// The last message before the loss.
        after: Order,
        /// Whether all missed messages arrived.
        complete: bool,
    },
    /// Add this many milliseconds to the times of earlier messages: the viewer's
    /// clock was set, or its offset from the hub's is now better known.
    ClockShift(f64),
    /// Whether a backlog is being read: what is drawn now is soon outdated.
    Backlog(bool),
    /// The channel changed: nothing learned from the previous one holds.
    ChannelChanged,
    /// The layout that the hub sent, whether or not it differs.
    Layout(Layout),
    /// The dashboards that the hub offers.
    Dashboards(Vec<DashboardName>),
    /// No dashboard was named and the hub has several: the viewer must choose,
    /// and the feed has ended.
    ChooseDashboard,
    /// The hub now serves another version of the page.
    NewPageVersion,
}

/// A decoded message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// New values of some metrics.
    Stats(StatsUpdate),
    /// One point of the charts.
    Point(ChartData),
    /// One alert.
    Alert(AlertEntry),
}

/// An alert and when it was raised.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertEntry {
    /// The message's id, unique within the channel.
    pub id: String,
    /// When it was published, in milliseconds since the Unix epoch by the
    /// viewer's clock.
    pub at: f64,
    /// The alert itself.
    pub alert: Alert,
}

/// A part of the model that can be watched by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    /// [`Model::layout`](super::Model::layout).
    Layout,
    /// The current and previous values of [`Model::stats`](super::Model::stats).
    Stats,
    /// The latest values of [`Model::stats`](super::Model::stats).
    Samples,
    /// [`Model::history`](super::Model::history).
    History,
    /// [`Model::alerts`](super::Model::alerts).
    Alerts,
    /// [`Model::connection`](super::Model::connection).
    Connection,
    /// [`Model::dashboards`](super::Model::dashboards) and
    /// [`Model::must_choose`](super::Model::must_choose).
    Dashboards,
    /// [`Model::new_page_version`](super::Model::new_page_version).
    PageVersion,
}

impl Slice {
    /// All slices.
    pub const ALL: [Self; 8] = [
        Self::Layout,
        Self::Stats,
        Self::Samples,
        Self::History,
        Self::Alerts,
        Self::Connection,
        Self::Dashboards,
        Self::PageVersion,
    ];
}

/// A set of slices: those that an event changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed(u8);

impl Changed {
    /// Nothing changed.
    pub const NOTHING: Self = Self(0);
    /// What is shown as a picture or a list, which people take in more slowly than a
    /// number.
    pub const PICTURES: Self = Self::of(&[Slice::Samples, Slice::History, Slice::Alerts]);
    /// Everything may have changed.
    pub const ALL: Self = Self::of(&Slice::ALL);

    /// The set of these slices.
    pub const fn of(slices: &[Slice]) -> Self {
        let mut set = 0;
        let mut i = 0;
        while i < slices.len() {
            set |= 1 << slices[i] as u8;
            i += 1;
        }
        Self(set)
    }

    /// This set if something changed, else the empty set.
    pub(super) fn when(changed: bool, set: Self) -> Self {
        if changed { set } else { Self::NOTHING }
    }

    /// This set without those of another.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the slice is in the set.
    pub fn contains(self, slice: Slice) -> bool {
        self.0 & (1 << slice as u8) != 0
    }
}

impl From<Slice> for Changed {
    fn from(slice: Slice) -> Self {
        Self::of(&[slice])
    }
}

impl BitOr for Changed {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
