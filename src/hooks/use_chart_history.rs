//! The charts' points.

use dioxus::prelude::*;

use super::Feed;
use crate::model::ChartHistory;

/// The newest points of the layout's charts.
pub fn use_chart_history(feed: Feed) -> ChartHistory {
    feed.history.read().clone()
}
