//! The alerts.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Alerts;

/// The newest alerts, newest first.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_alerts};
///
/// #[component]
/// fn Latest(feed: Feed) -> Element {
///     let alerts = use_alerts(feed);
///     let messages = alerts.read();
///     let messages = messages.newest(5).iter().map(|entry| &entry.alert.message);
///     rsx! {
///         ul {
///             for message in messages {
///                 li { "{message}" }
///             }
///         }
///     }
/// }
/// ```
pub fn use_alerts(feed: Feed) -> ReadSignal<Alerts> {
    feed.alerts
}
