//! The connection's state.

use super::Feed;
use crate::model::{Connection, Slice};

/// How the viewer stands with its hub.
pub fn use_connection(feed: Feed) -> Connection {
    feed.read(Slice::Connection, |state| state.model.connection().clone())
}
