//! The connection's state.

use super::Feed;
use super::use_feed::Slice;
use crate::model::Connection;

/// How the viewer stands with its hub.
pub fn use_connection(feed: Feed) -> Connection {
    feed.read(Slice::Connection, |state| state.connection.clone())
}
