//! The page's own version.

use super::Feed;
use super::use_feed::Slice;

/// Whether the hub has begun to serve another version of the page than the
/// one it served when the feed began.
pub fn use_newer_page(feed: Feed) -> bool {
    feed.read(Slice::NewerPage, |state| state.newer_page)
}
