//! Whether what is shown still holds.

use super::Feed;
use crate::model::{Freshness, Slice};

/// How fresh the values are at `now`, in milliseconds since the Unix epoch by
/// the viewer's clock.
pub fn use_freshness(feed: Feed, now: f64) -> Freshness {
    feed.read(Slice::Connection, |state| state.model.freshness(now))
}
