//! The connection: token, socket, subscription, events.
//!
//! [`Machine`] decides and does nothing: inputs and the time go in, actions
//! come out. [`run`] does what it says, and is the only part that touches the
//! [`platform`](crate::platform). What a dashboard learns comes as
//! [`Event`](crate::model::Event)s.
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
mod message;
mod refusal;
mod seen;
mod stamper;

pub use check::{CheckError, check};
pub use driver::run;
pub use endpoints::{Endpoints, SecretUrl};
pub use machine::{Action, ConnId, Input, Machine, Now};
