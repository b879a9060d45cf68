//! What HTTP kinds post.

mod alertmanager;
mod ntfy;
mod slack;
mod teams;
mod webhook;

use serde_json::Value;

use super::definition::Kind;
use super::notification::Notification;

/// The address to post to and the JSON, for a notifier of this address. Of e-mail there is
/// none.
///
/// # Errors
/// The address lacks a part; in words.
pub(super) fn request(
    kind: Kind,
    url: String,
    notification: &Notification,
) -> Result<(String, Value), String> {
    Ok(match kind {
        Kind::Webhook | Kind::Email => (url, webhook::body(notification)),
        Kind::Slack => (url, slack::body(notification)),
        Kind::Teams => (url, teams::body(notification)),
        Kind::Ntfy => ntfy::request(&url, notification)?,
        Kind::Alertmanager => {
            let base = url.trim_end_matches('/');
            (
                format!("{base}/api/v2/alerts"),
                alertmanager::body(notification),
            )
        }
    })
}
