//! The dashboard's state as plain data: no clock, no I/O, cannot fail.
//!
//! [`Model::apply`] folds the feed's events into the [`Model`]; [`health`],
//! [`trend`], [`plot`] and [`mod@format`] derive what is shown.
//!
//! Messages may arrive in any order and more than once, live or from the hub's
//! store: the model is the same as if each had arrived once, in order.

mod action;
mod alert_tracker;
mod alerts;
mod changed;
mod connection;
pub mod csv;
pub mod format;
pub mod health;
mod history;
pub mod markdown;
mod notes;
mod older_points;
pub mod plot;
mod range;
mod snapshot;
mod stamp;
mod stats;
pub mod table;
#[cfg(test)]
mod tests;
pub mod trend;
mod unshown;

use live_dashboard_protocol::id;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::{
    ALERT, Alert, CHART_DATA, ChartData, ReceivedFrame, STATS_UPDATE, StatsUpdate,
};
use live_dashboard_protocol::summary::Summary;
use live_dashboard_protocol::token::DashboardName;

pub use action::Action;
pub use alert_tracker::{AlertTracker, NewAlerts, unseen};
pub use alerts::Alerts;
pub use changed::{Changed, Slice};
pub use connection::{Connection, Problem};
pub use health::Activity;
pub use history::{ChartHistory, Gap, Point};
pub use notes::Notes;
pub use older_points::{OlderPoints, Reach};
pub use range::Range;
pub use snapshot::Snapshot;
pub use stamp::{Order, Stamp};
pub use stats::{PreviousStats, StatValue, Stats};
pub use unshown::{Unshown, broken_rule};

use unshown::NOT_A_TIME;

/// One event of a feed. [`Model::apply`] folds it into the
/// model.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The state of the connection changed.
    Connection(Connection),
    /// A message of one of the channels. Messages may arrive late, out of order and
    /// more than once.
    Message(Message, Stamp),
    /// The same from the hub's store. It is not counted if it cannot be shown in full:
    /// that may be long past.
    Stored(Message, Stamp),
    /// A message that could not be read.
    Malformed(Malformed, Stamp),
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
    Layout(Box<Layout>),
    /// The dashboards that the hub offers.
    Dashboards(Vec<DashboardName>),
    /// The hub has several dashboards and none was named, or none of the name: the
    /// viewer must choose, and the feed has ended.
    ChooseDashboard,
    /// How far back the hub's stored points reach.
    Reach(Reach),
    /// What is known of the points that are older than what the page keeps, and a new
    /// summary of them.
    OlderPoints(OlderPoints, Option<Summary>),
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

/// The rule that a message breaks so that it cannot be read, as a sentence without its
/// full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

/// Decodes a message; `None` for an event that a dashboard does not know. Keys of a message
/// of another channel than the dashboard's own, which `other` names, become
/// [qualified](live_dashboard_protocol::layout::qualified).
///
/// # Errors
/// The data does not fit the event.
pub fn decode(
    frame: &ReceivedFrame,
    other: Option<&str>,
    stamp: Stamp,
) -> Result<Option<Message>, Malformed> {
    let data = &frame.data;
    let mut message = match frame.event.as_str() {
        STATS_UPDATE => StatsUpdate::from_json(data).map(Message::Stats),
        CHART_DATA => ChartData::from_json(data).map(Message::Point),
        ALERT => Alert::from_json(data).map(|alert| {
            // The model identifies alerts by their ids.
            let id = frame.id.clone();
            let id = id.unwrap_or_else(|| id::encode(stamp.order.number));
            let at = stamp.at;
            Message::Alert(AlertEntry { id, at, alert })
        }),
        _ => return Ok(None),
    };
    if let (Some(message), Some(channel)) = (&mut message, other) {
        match message {
            Message::Stats(update) => update.qualify(channel),
            Message::Point(point) => point.qualify(channel),
            Message::Alert(entry) => entry.alert.qualify(channel),
        }
    }
    message.map(Some).ok_or_else(|| {
        Malformed(unshown::in_event(
            match frame.event.as_str() {
                CHART_DATA => NOT_A_TIME,
                ALERT => "`message` must be text",
                _ => "`data` must be an object",
            },
            &frame.event,
        ))
    })
}

/// All that is known from the feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    connection: Connection,
    channel: ChannelData,
    dashboards: Vec<DashboardName>,
    must_choose: bool,
    reach: Reach,
    new_page_version: bool,
    behind: bool,
}

/// What is known from the channels, under one layout.
#[derive(Debug, Clone, PartialEq)]
struct ChannelData {
    layout: Layout,
    stats: Stats,
    history: ChartHistory,
    alerts: Alerts,
    activity: Activity,
    unshown: Unshown,
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
            activity: Activity::default(),
            unshown: Unshown::default(),
            layout,
        }
    }
}

impl Model {
    /// An empty model with this layout.
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
            Event::Message(message, stamp) => channel.apply(message, stamp, true),
            Event::Stored(message, stamp) => channel.apply(message, stamp, false),
            Event::Malformed(Malformed(reason), stamp) => channel.tell(reason, stamp),
            Event::CaughtUp { after, complete } => {
                // Where points are missing after a loss that was not made good,
                // the charts show a gap.
                let changed = match complete {
                    true => channel.history.mend_after(after),
                    false => channel.history.break_after(after),
                };
                Changed::when(changed, Slice::History.into())
            }
            Event::ClockShift(milliseconds) => {
                channel.shift(milliseconds);
                VALUES | Slice::Alerts.into()
            }
            Event::ChannelChanged => {
                *channel = ChannelData::new(std::mem::take(&mut channel.layout));
                VALUES | Changed::of(&[Slice::History, Slice::Alerts, Slice::Unshown])
            }
            Event::Layout(layout) if *layout == channel.layout => Changed::NOTHING,
            Event::Layout(layout) => {
                channel.set_layout(*layout);
                VALUES | Changed::of(&[Slice::Layout, Slice::History, Slice::Unshown])
            }
            Event::Backlog(behind) => {
                self.behind = behind;
                Changed::NOTHING
            }
            Event::Connection(connection) => {
                // By now there may be a dashboard of the name.
                let must_choose = self.must_choose && connection != Connection::Live;
                set(&mut self.must_choose, must_choose, Slice::Dashboards)
                    | set(&mut self.connection, connection, Slice::Connection)
            }
            Event::Dashboards(dashboards) => {
                set(&mut self.dashboards, dashboards, Slice::Dashboards)
            }
            Event::Reach(reach) => set(&mut self.reach, reach, Slice::Reach),
            Event::OlderPoints(older, summary) => {
                let changed = summary.is_some();
                if let Some(summary) = summary {
                    channel.history.set_older(summary);
                }
                set(&mut self.reach.older, older, Slice::Reach)
                    | Changed::when(changed, Slice::History.into())
            }
            Event::ChooseDashboard => set(&mut self.must_choose, true, Slice::Dashboards),
            Event::NewPageVersion => set(&mut self.new_page_version, true, Slice::PageVersion),
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

    /// The messages that could not be shown in full.
    pub fn unshown(&self) -> &Unshown {
        &self.channel.unshown
    }

    /// The dashboards that the hub offers.
    pub fn dashboards(&self) -> &Vec<DashboardName> {
        &self.dashboards
    }

    /// How far back the hub's stored points reach.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the viewer must choose one of the dashboards.
    pub fn must_choose(&self) -> &bool {
        &self.must_choose
    }

    /// Whether the hub serves another version of the page than the one it
    /// served when the feed began.
    pub fn new_page_version(&self) -> &bool {
        &self.new_page_version
    }

    /// Whether a backlog is being read: what is drawn now is soon outdated.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// When something was last received.
    pub fn activity(&self) -> &Activity {
        &self.channel.activity
    }
}

/// What changes with the metrics' values.
const VALUES: Changed = Changed::of(&[Slice::Stats, Slice::Samples]);

/// Sets a field; a value equal to the old one is not a change.
fn set<T: PartialEq>(field: &mut T, value: T, slice: Slice) -> Changed {
    let changed = *field != value;
    *field = value;
    Changed::when(changed, slice.into())
}

impl ChannelData {
    fn apply(&mut self, message: Message, stamp: Stamp, is_live: bool) -> Changed {
        let (shows, reason) = unshown::check(&message, stamp, &self.layout);
        let reason = reason.filter(|_| is_live);
        let told = reason.map_or(Changed::NOTHING, |reason| self.tell(reason, stamp));
        if !shows {
            return told;
        }
        match &message {
            Message::Alert(_) => self.activity.alerted = true,
            Message::Stats(_) | Message::Point(_) => {
                let numbers_at = &mut self.activity.numbers_at;
                *numbers_at = Some(numbers_at.map_or(stamp.at, |at| at.max(stamp.at)));
            }
        }
        let (changed, slice) = match message {
            Message::Stats(update) => {
                let changed = self.stats.merge(&self.layout, update, stamp);
                (changed, VALUES)
            }
            Message::Point(point) => {
                self.history.note_published(&point, stamp.at);
                let changed = self.history.insert(&point, stamp.order);
                (changed, Slice::History.into())
            }
            Message::Alert(entry) => (self.alerts.insert(entry), Slice::Alerts.into()),
        };
        told | Changed::when(changed, slice)
    }

    fn tell(&mut self, reason: String, stamp: Stamp) -> Changed {
        let changed = self.unshown.insert(reason, stamp.order);
        Changed::when(changed, Slice::Unshown.into())
    }

    /// Keeps the values of the keys that both layouts have.
    fn set_layout(&mut self, layout: Layout) {
        self.stats.keep_only(&layout);
        self.history.set_layout(&layout);
        self.unshown = Unshown::default();
        self.layout = layout;
    }

    fn shift(&mut self, milliseconds: f64) {
        self.stats.shift(milliseconds);
        self.alerts.shift(milliseconds);
        self.history.shift(milliseconds);
        self.activity.numbers_at = self.activity.numbers_at.map(|at| at + milliseconds);
    }
}
