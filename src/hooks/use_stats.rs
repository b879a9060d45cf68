//! The metrics' values.

use super::Feed;
use crate::model::{Slice, Stats};

/// The metrics' current values, each with the one before it.
pub fn use_stats(feed: Feed) -> Stats {
    feed.read(Slice::Stats, |state| state.model.stats().clone())
}
