//! The charts' points.

use super::Feed;
use crate::model::{ChartHistory, Slice};

/// The newest points of the layout's charts.
pub fn use_chart_history(feed: Feed) -> ChartHistory {
    feed.read(Slice::History, |state| state.model.history().clone())
}
