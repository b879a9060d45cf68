//! The age of the numbers and the health of the dashboard.

use dioxus::prelude::*;

use super::Feed;
use crate::model::health::{Assessment, Facts};
use crate::model::{Freshness, Notes};

/// Whether the numbers are current.
pub(crate) fn use_freshness(feed: Feed, now: ReadSignal<f64>) -> Memo<Freshness> {
    use_memo(move || {
        let stale_after = feed.layout.read().stale_after;
        feed.activity.read().freshness(stale_after, now())
    })
}

/// The dashboard's health and the reasons for it.
pub(crate) fn use_assessment(
    feed: Feed,
    notes: Signal<Notes>,
    freshness: Memo<Freshness>,
    now: ReadSignal<f64>,
) -> Memo<Assessment> {
    use_memo(move || {
        let facts = Facts {
            layout: &feed.layout.read(),
            stats: &feed.stats.read(),
            history: &feed.history.read(),
            alerts: &feed.alerts.read(),
            notes: &notes.read(),
            connection: &feed.connection.read(),
            freshness: freshness(),
            now: now(),
        };
        facts.assess()
    })
}
