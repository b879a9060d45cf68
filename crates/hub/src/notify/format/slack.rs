//! Slack's incoming webhooks: an attachment with a colour for each alert.

use live_dashboard_protocol::message::Level;
use serde_json::{Value, json};

use crate::notify::entry::Entry;
use crate::notify::notification::Notification;

pub(super) fn body(notification: &Notification) -> Value {
    let title = escaped(&notification.title);
    let title = match &notification.link {
        // `|` ends the address.
        Some(link) => format!("<{}|{title}>", escaped(&link.replace('|', "%7C"))),
        None => title,
    };
    let attachments = notification.entries.iter().map(|entry| {
        json!({
            "color": color(entry),
            "title": entry.word(),
            "title_link": entry.url,
            "text": escaped(&entry.message),
            "fallback": escaped(&entry.line()),
            "mrkdwn_in": [],
            "ts": entry.at.as_second(),
        })
    });
    json!({
        "text": format!("{title}: {}", escaped(&notification.summary())),
        "attachments": attachments.collect::<Vec<_>>(),
    })
}

fn color(entry: &Entry) -> &'static str {
    match entry.level {
        _ if entry.is_resolved() => "#2e7d32",
        Level::Error => "#d32f2f",
        Level::Warning => "#f9a825",
        Level::Info => "#1976d2",
    }
}

/// A text without the characters by which Slack tells links and mentions.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}
