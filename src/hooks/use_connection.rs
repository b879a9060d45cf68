//! The connection's state.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Connection;

/// How the viewer stands with its hub.
pub fn use_connection(feed: Feed) -> Connection {
    feed.connection.read().clone()
}
