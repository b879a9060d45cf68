//! The page's own version.

use super::Feed;
use crate::model::Slice;

/// Whether the hub has begun to serve another version of the page than the
/// one it served when the feed began.
pub fn use_newer_page(feed: Feed) -> bool {
    feed.read(Slice::PageVersion, |state| state.model.new_page_version())
}
