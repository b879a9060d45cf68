//! The alerts.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Alerts;

/// The newest alerts, newest first.
pub fn use_alerts(feed: Feed) -> Alerts {
    feed.alerts.read().clone()
}
