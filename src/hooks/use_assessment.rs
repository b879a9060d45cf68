//! The health of the dashboard.

use dioxus::prelude::*;

use super::Feed;
use crate::model::Notes;
use crate::model::health::{Assessment, Facts};

/// The dashboard's health and the reasons for it.
pub(crate) fn use_assessment(
    feed: Feed,
    notes: Signal<Notes>,
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
            activity: *feed.activity.read(),
            now: now(),
        };
        facts.assess()
    })
}
