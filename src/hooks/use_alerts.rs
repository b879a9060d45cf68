//! The alerts.

use super::Feed;
use super::use_feed::Slice;
use crate::model::Alerts;

/// The newest alerts, newest first.
pub fn use_alerts(feed: Feed) -> Alerts {
    feed.read(Slice::Alerts, |state| state.model.alerts().clone())
}
