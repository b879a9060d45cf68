//! The metrics' values.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Stats;

/// The metrics' current values, each with the one before it.
pub fn use_stats(feed: Feed) -> Stats {
    feed.stats.read().clone()
}
