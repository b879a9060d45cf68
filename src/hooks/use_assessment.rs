//! The health of the dashboard.

use dioxus::prelude::*;

use super::{Feed, use_side_effect, use_value};
use crate::model::Notes;
use crate::model::health::{Assessment, Health, Reason};
use crate::platform;

/// The parts of an [`Assessment`], each of which changes by itself; all but
/// `current` only while the page is visible.
#[derive(Clone, Copy)]
pub(crate) struct Assessed {
    pub(crate) health: Signal<Health>,
    pub(crate) reasons: Signal<Vec<Reason>>,
    pub(crate) stale: Signal<Vec<Option<f64>>>,
    /// The health, also while the page is hidden.
    pub(crate) current: Signal<Health>,
}

/// The dashboard's health. An effect sets these signals, because three memos
/// would add several KB to the page.
pub(crate) fn use_assessment(feed: Feed, notes: Signal<Notes>) -> Assessed {
    let assessed = use_value(|| {
        let model = feed.latest.peek();
        let assessment = model.assess(&notes.peek(), *feed.now.peek());
        Assessed {
            current: Signal::new(assessment.health),
            health: Signal::new(assessment.health),
            reasons: Signal::new(assessment.reasons),
            stale: Signal::new(assessment.stale),
        }
    });
    use_side_effect(move || {
        let model = feed.latest.read();
        let assessment: Assessment = model.assess(&notes.read(), platform::now());
        update(assessed.current, assessment.health);
        if *feed.visible.peek() {
            update(assessed.health, assessment.health);
            update(assessed.reasons, assessment.reasons);
            update(assessed.stale, assessment.stale);
        }
    });
    assessed
}

/// Sets a signal if the value differs.
fn update<T: PartialEq + 'static>(mut signal: Signal<T>, value: T) {
    if *signal.peek() != value {
        signal.set(value);
    }
}
