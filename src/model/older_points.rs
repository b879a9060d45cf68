//! The points of ranges that are longer than what the page keeps: the hub's store has
//! them, and summarizes them.

use std::fmt;

/// How far back the hub's stored points reach.
#[derive(Clone, Default, PartialEq)]
pub struct Reach {
    /// How far back the viewer may look, in seconds.
    pub seconds: f64,
    /// Where to request their summary, without the time range. It has a secret: it must
    /// not be shown or logged.
    pub url: String,
    /// What is known of the older points of the range that the viewer chose.
    pub older: OlderPoints,
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reach").field(&self.seconds).finish()
    }
}

/// What is known of the older points of the range that the viewer chose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum OlderPoints {
    /// The range needs none, or has them.
    #[default]
    Complete,
    /// They have been requested.
    Loading,
    /// Those from before this time, in milliseconds since the Unix epoch, are left out:
    /// there are too many.
    Since(f64),
    /// The hub did not send them.
    Failed,
}
