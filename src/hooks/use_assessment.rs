//! The health of the dashboard.

use dioxus::prelude::*;

use super::{Feed, use_side_effect};
use crate::model::Notes;
use crate::model::health::{Assessment, Facts, Health, Reason};

/// The parts of an [`Assessment`], each of which changes by itself.
#[derive(Clone, Copy)]
pub(crate) struct Assessed {
    pub(crate) health: Signal<Health>,
    pub(crate) reasons: Signal<Vec<Reason>>,
    pub(crate) stale: Signal<Vec<Option<f64>>>,
}

/// The dashboard's health. An effect sets these signals, because three memos
/// would add several KB to the page.
pub(crate) fn use_assessment(feed: Feed, notes: Signal<Notes>, now: Signal<f64>) -> Assessed {
    let assessed = use_hook(|| {
        let assessment = Facts::of(&feed.model.read(), &notes.peek(), *now.peek()).assess();
        Assessed {
            health: Signal::new(assessment.health),
            reasons: Signal::new(assessment.reasons),
            stale: Signal::new(assessment.stale),
        }
    });
    use_side_effect(move || {
        let facts = Facts {
            layout: &feed.layout.read(),
            stats: &feed.stats.read(),
            history: &feed.history.read(),
            alerts: &feed.alerts.read(),
            notes: &notes.read(),
            connection: &feed.connection.read(),
            activity: *feed.activity.read(),
            now: *now.read(),
        };
        let assessment: Assessment = facts.assess();
        update(assessed.health, assessment.health);
        update(assessed.reasons, assessment.reasons);
        update(assessed.stale, assessment.stale);
    });
    assessed
}

/// Sets a signal if the value differs.
fn update<T: PartialEq + 'static>(mut signal: Signal<T>, value: T) {
    if *signal.peek() != value {
        signal.set(value);
    }
}
