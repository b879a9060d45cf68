//! The order and the time of messages.

use live_dashboard_protocol::id::{RANDOM_BITS, unix_millis};
use live_dashboard_protocol::limits::MAX_CLOCK_SKEW;

/// The order and the time of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamp {
    /// Its place among the channel's messages.
    pub order: Order,
    /// When it was published, in milliseconds since the Unix epoch by the
    /// viewer's clock.
    pub at: f64,
}

impl Stamp {
    /// The stamp of a message that is ordered by its time, in milliseconds since
    /// the Unix epoch.
    pub fn at(at: f64) -> Self {
        let order = Order {
            era: 0,
            number: (at.max(0.0) as u128) << RANDOM_BITS,
        };
        Self { order, at }
    }

    /// Whether a time, in seconds since the Unix epoch, was in the future when the message
    /// was published. By the hub's clock: the viewer's may be wrong.
    pub(crate) fn is_before(self, timestamp: f64) -> bool {
        timestamp > unix_millis(self.order.number) / 1000.0 + MAX_CLOCK_SKEW
    }
}

/// A message's place among those of its channel: the greater one was published
/// later, whatever the order of arrival.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Grows when ids start over, as with a hub whose clock was set back.
    pub era: u32,
    /// Grows within an era: the message's id.
    pub number: u128,
}
