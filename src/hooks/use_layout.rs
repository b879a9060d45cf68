//! What is shown.

use live_dashboard_protocol::layout::Layout;

use super::Feed;
use crate::model::Slice;

/// The dashboard's layout, as the hub hands it over; the default one before.
pub fn use_layout(feed: Feed) -> Layout {
    feed.read(Slice::Layout, |state| state.model.layout().clone())
}
