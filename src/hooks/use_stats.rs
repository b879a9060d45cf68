//! The metrics' values.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Stats;

/// The metrics' current and recent values.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_stats};
///
/// #[component]
/// fn Users(feed: Feed) -> Element {
///     let stats = use_stats(feed);
///     let users = stats.read().get("activeUsers").map(|users| users.value);
///     rsx! {
///         p { "Active users: {users:?}" }
///     }
/// }
/// ```
pub fn use_stats(feed: Feed) -> ReadSignal<Stats> {
    feed.stats
}
