//! A message's place in its channel, and its age.

/// When a message was published, for order and for age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamp {
    /// Its place among the channel's messages.
    pub order: Order,
    /// When it was published, in milliseconds since the Unix epoch by the
    /// viewer's clock.
    pub at: f64,
}

impl Stamp {
    /// That of a message whose place is its time, in milliseconds since the
    /// Unix epoch.
    pub fn at(at: f64) -> Self {
        let order = Order {
            era: 0,
            number: at.max(0.0) as u128,
        };
        Self { order, at }
    }
}

/// A message's place among those of its channel: whatever the order in which
/// they arrive, the greater one is the later one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Grows where the ids begin anew, as with a hub whose clock went back.
    pub era: u32,
    /// Grows within an era: the message's id.
    pub number: u128,
}
