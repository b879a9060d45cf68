//! What is shown.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use super::Feed;

/// The dashboard's layout, as the hub hands it over; the default one before.
pub fn use_layout(feed: Feed) -> Layout {
    feed.layout.read().clone()
}
