//! ntfy: its JSON, which is posted to the server with the topic in it.

use live_dashboard_protocol::message::Level;
use serde_json::{Value, json};

use crate::notify::notification::Notification;

/// The request for the address of a topic.
///
/// # Errors
/// The address names no topic.
pub(super) fn request(url: &str, notification: &Notification) -> Result<(String, Value), String> {
    let (server, topic) = url.rsplit_once('/').unwrap_or_default();
    if topic.is_empty() || server.ends_with('/') {
        return Err("the address must end with the topic".into());
    }
    let firing = notification.entries.iter();
    let worst = firing.filter(|entry| !entry.is_resolved());
    let (priority, tag) = match worst.map(|entry| entry.level).max() {
        Some(Level::Error) => (4, "rotating_light"),
        Some(Level::Warning) => (3, "warning"),
        Some(Level::Info) => (2, "information_source"),
        None => (2, "white_check_mark"),
    };
    let mut body = json!({
        "topic": topic,
        "title": notification.heading(),
        "message": notification.text().trim_end(),
        "priority": priority,
        "tags": [tag],
    });
    if let Some(link) = &notification.link {
        body["click"] = link.as_str().into();
    }
    // Below a path, ntfy is behind a proxy that serves it there.
    Ok((format!("{server}/"), body))
}
