//! New alerts: what is said of them, and what rings.

use dioxus::prelude::*;

use crate::model::{AlertEntry, Alerts, News, Notes, unseen};

/// The new alerts since the last time that there were any, newest first.
/// `ring` is called once for each error that is worth it.
pub fn use_news(
    alerts: &Alerts,
    notes: &Notes,
    live: bool,
    now: f64,
    ring: impl FnOnce(AlertEntry),
) -> Vec<AlertEntry> {
    let mut news = use_hook(|| CopyValue::new(News::default()));
    let mut last = use_hook(|| CopyValue::new(Vec::new()));
    let bulletin = news.write().hear(alerts, notes, live, now);
    if let Some(entry) = bulletin.ringing {
        ring(entry);
    }
    if !bulletin.fresh.is_empty() {
        last.set(bulletin.fresh);
    }
    last.cloned()
}

/// How many alerts have come while nobody could see the page.
pub fn use_unseen(alerts: &Alerts, notes: &Notes, visible: bool) -> usize {
    let mut seen = use_hook(|| CopyValue::new(None::<String>));
    if visible {
        let newest = alerts.newest(1).first().map(|entry| entry.id.clone());
        if newest.is_some() {
            seen.set(newest);
        }
        return 0;
    }
    unseen(alerts, notes, seen.read().as_deref())
}
