//! The metrics' previous values.

use dioxus::prelude::*;

use super::Feed;
use crate::model::PreviousStats;

/// The metrics' values before their latest update, to tell a trend.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_previous_stats, use_stats};
///
/// #[component]
/// fn UsersTrend(feed: Feed) -> Element {
///     let (stats, previous) = (use_stats(feed), use_previous_stats(feed));
///     let users = stats.read().get("activeUsers").map(|users| users.value);
///     let rose = users > previous.read().get("activeUsers");
///     rsx! {
///         p { if rose { "rising" } else { "not rising" } }
///     }
/// }
/// ```
pub fn use_previous_stats(feed: Feed) -> ReadSignal<PreviousStats> {
    feed.previous_stats
}
