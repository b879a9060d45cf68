//! The connection: token, socket, subscription, events.
//!
//! [`Machine`] decides and does nothing: inputs and the time go in, actions
//! come out. [`run`] does what it says, and is the only part that touches the
//! [`platform`](crate::platform). What a dashboard learns comes as
//! [`FeedEvent`]s.
//!
//! 1. A token is asked for before every connect.
//! 2. The socket opens, the hub says `hotsock.connected`, the channel is
//!    subscribed to at once.
//! 3. What was published before is asked for, page by page.
//! 4. What is published arrives; silence is probed with a ping.
//! 5. Ahead of the connection's end a second one takes over.
//!
//! A failure leads to another try after a growing pause; a refusal ends it.

mod backoff;
mod check;
mod driver;
mod endpoints;
mod expiry;
mod machine;
mod refusal;
mod seen;
mod stamper;
mod wire;

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

pub use check::{CheckError, check};
pub use driver::run;
pub use endpoints::{Endpoints, SecretUrl};
pub use machine::{Action, ConnId, Input, Machine, Now};

use crate::model::{Connection, Order, Stamp, Update};

/// What the dashboard learns from its feed.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedEvent {
    /// The connection's state changed.
    Connection(Connection),
    /// A message of the channel; they may come late, and more than once.
    Update(Update, Stamp),
    /// What became of the messages after this one, which were missed.
    CaughtUp {
        /// The last one before the loss.
        after: Order,
        /// All have come; else nobody knows what did not.
        complete: bool,
    },
    /// What was published when turned out to be so many milliseconds later by
    /// the viewer's clock: it was set, or the hub's is known better.
    Shift(f64),
    /// Whether a backlog is being read: what is drawn now will be drawn again.
    Behind(bool),
    /// The channel is another one: nothing learned so far holds.
    ChannelChanged,
    /// What to show, as the last token's answer has it; the same one comes
    /// with every token.
    Layout(Layout),
    /// Which dashboards there are, where there is a choice.
    Dashboards(Vec<DashboardName>),
    /// None of them was asked for: the viewer is to choose, and this feed ends.
    Choice,
    /// The hub serves a newer version of the page; said once.
    NewerPage,
}
