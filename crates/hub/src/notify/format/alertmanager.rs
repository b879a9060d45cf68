//! Alertmanager's API, version 2. An alert is the same as long as its labels are.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use live_dashboard_protocol::message::Level;
use serde_json::{Value, json};

use crate::notify::entry::Entry;
use crate::notify::notification::Notification;

/// How long an alert is active that has a key, unless it is resolved before.
const ACTIVE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long an alert is active that has none.
const ACTIVE_WITHOUT_KEY: SignedDuration = SignedDuration::from_mins(5);

/// Of each key only the newest alert.
pub(super) fn body(notification: &Notification) -> Value {
    let mut known = BTreeSet::new();
    let mut alerts = Vec::new();
    for entry in notification.entries.iter().rev() {
        let is_new = entry.key.is_none() || known.insert((&entry.channel, &entry.key));
        if !is_new {
            continue;
        }
        // With another severity it is another alert.
        let previous = entry.previous_level.filter(|_| !entry.is_resolved());
        alerts.extend(previous.map(|level| alert(notification, entry, level, entry.at)));
        let (level, until) = match entry.is_resolved() {
            true => (entry.previous_level.unwrap_or(entry.level), entry.at),
            false if entry.key.is_some() => (entry.level, entry.at + ACTIVE),
            false => (entry.level, entry.at + ACTIVE_WITHOUT_KEY),
        };
        alerts.push(alert(notification, entry, level, until));
    }
    alerts.into()
}

fn alert(notification: &Notification, entry: &Entry, level: Level, until: Timestamp) -> Value {
    let severity = match level {
        Level::Error => "critical",
        Level::Warning => "warning",
        Level::Info => "info",
    };
    let mut labels = json!({
        "alertname": "LiveDashboard",
        "dashboard": notification.dashboard,
        "severity": severity,
    });
    match &entry.key {
        Some(key) => labels["key"] = key.as_str().into(),
        None => labels["id"] = entry.id.as_str().into(),
    }
    if let Some(channel) = &entry.channel {
        labels["channel"] = channel.as_str().into();
    }
    let starts_at = (until > entry.at).then_some(entry.at);
    json!({
        "labels": labels,
        "annotations": {"summary": entry.message, "dashboard": notification.title},
        "startsAt": starts_at.unwrap_or(until),
        "endsAt": until,
        "generatorURL": entry.url.as_ref().or(notification.link.as_ref()).map_or("", |url| url),
    })
}
