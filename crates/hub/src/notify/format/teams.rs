//! Microsoft Teams' workflows ("When a Teams webhook request is received"): an Adaptive Card.

use live_dashboard_protocol::message::Level;
use live_dashboard_protocol::name::cut;
use serde_json::{Value, json};

use crate::notify::entry::Entry;
use crate::notify::notification::Notification;

/// The most characters of an alert's text: a card may have 28 KB.
const MAX_TEXT_CHARS: usize = 200;

pub(super) fn body(notification: &Notification) -> Value {
    let heading = run(&notification.heading(), "default", true);
    let mut blocks = vec![rich_text(&[heading])];
    blocks.extend(notification.entries.iter().map(block));
    let link = notification.link.iter();
    let actions = link.map(|link| open("Open the dashboard", link));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": blocks,
                "actions": actions.collect::<Vec<_>>(),
            },
        }],
    })
}

fn block(entry: &Entry) -> Value {
    let color = match entry.level {
        _ if entry.is_resolved() => "good",
        Level::Error => "attention",
        Level::Warning => "warning",
        Level::Info => "accent",
    };
    let text = format!(" {}", cut(&entry.message, MAX_TEXT_CHARS));
    let mut text = run(&text, "default", false);
    if let Some(url) = &entry.url {
        text["selectAction"] = open("Details", url);
    }
    rich_text(&[run(entry.word(), color, true), text])
}

/// Texts in which nothing is markup, unlike in a `TextBlock`.
fn rich_text(runs: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": runs})
}

fn run(text: &str, color: &str, is_bold: bool) -> Value {
    let weight = if is_bold { "bolder" } else { "default" };
    json!({"type": "TextRun", "text": text, "color": color, "weight": weight})
}

fn open(title: &str, url: &str) -> Value {
    json!({"type": "Action.OpenUrl", "title": title, "url": url})
}
