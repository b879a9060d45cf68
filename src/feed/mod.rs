//! The connection: token, socket, subscription, events.
//!
//! [`Machine`] decides and performs nothing: inputs and the time go in, actions
//! come out. [`run`] performs them; only it and [`HeadStart::of_page`] touch the
//! [`platform`](crate::platform). What the dashboard is to know comes out as
//! [`Event`](crate::model::Event)s.
//!
//! 1. Every connect starts with a request for a token; a page that the hub drew has
//!    the first one.
//! 2. The socket opens, the hub sends `hotsock.connected`, the channel is
//!    subscribed to.
//! 3. Earlier messages are fetched page by page.
//! 4. Messages arrive; silence is probed with a ping.
//! 5. A second connection takes over before the first one expires.
//!
//! A failure leads to a retry after a growing delay; a refusal ends the feed.

mod driver;
mod endpoints;
mod head_start;
mod machine;
mod token;

pub use driver::run;
pub use endpoints::{Endpoints, SecretUrl};
pub use head_start::HeadStart;
pub use machine::{Action, ConnId, Input, Machine, Now};
pub use token::{TokenError, check};
