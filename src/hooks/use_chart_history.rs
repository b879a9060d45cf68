//! The charts' points.

use super::Feed;
use super::use_feed::Slice;
use crate::model::ChartHistory;

/// The newest points of the layout's charts.
pub fn use_chart_history(feed: Feed) -> ChartHistory {
    feed.read(Slice::History, |state| state.model.history().clone())
}
