//! The charts' points.

use dioxus::prelude::*;

use super::Feed;
use crate::model::ChartHistory;

/// The points of the layout's charts in the last hour, and the gaps between
/// them.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_chart_history};
/// use live_dashboard_protocol::layout::Chart;
///
/// #[component]
/// fn PointCount(feed: Feed, chart: Chart) -> Element {
///     let history = use_chart_history(feed);
///     let count = history.read().latest(&chart).len();
///     rsx! {
///         p { "{count} points" }
///     }
/// }
/// ```
pub fn use_chart_history(feed: Feed) -> ReadSignal<ChartHistory> {
    feed.history
}
