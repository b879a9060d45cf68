//! The alerts.

use super::Feed;
use crate::model::{Alerts, Slice};

/// The newest alerts, newest first.
pub fn use_alerts(feed: Feed) -> Alerts {
    feed.read(Slice::Alerts, |state| state.model.alerts().clone())
}
