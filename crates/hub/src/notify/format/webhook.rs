//! JSON of our own.

use serde_json::{Value, json};

use crate::notify::notification::Notification;

/// The version of the format.
const VERSION: u32 = 1;

pub(super) fn body(notification: &Notification) -> Value {
    json!({
        "version": VERSION,
        "id": notification.id,
        "repeated": notification.is_repeated,
        "dashboard": notification.dashboard,
        "title": notification.title,
        "link": notification.link,
        "summary": notification.summary(),
        "alerts": notification.entries,
    })
}
