//! The page's own version.

use dioxus::prelude::*;

use super::Feed;

/// Whether the hub has begun to serve another version of the page than the
/// one it served when the feed began.
pub fn use_newer_page(feed: Feed) -> bool {
    *feed.newer_page.read()
}
