//! New alerts: which to announce and to ring for.

use std::rc::Rc;

use dioxus::prelude::*;

use super::{Feed, use_side_effect, use_value};
use crate::model::{AlertEntry, AlertTracker, Connection, Notes};
use crate::platform;

/// The latest new alerts, newest first, while the page is visible. Calls `ring` for each error that is
/// worth a sound or a notification, also while it is hidden.
pub(crate) fn use_new_alerts(
    feed: Feed,
    notes: Signal<Notes>,
    mut ring: impl FnMut(&AlertEntry) + 'static,
) -> Signal<Vec<Rc<AlertEntry>>> {
    let mut tracker = use_value(|| CopyValue::new(AlertTracker::default()));
    let mut latest = use_value(|| Signal::new(Vec::new()));
    use_side_effect(move || {
        let model = feed.latest.read();
        let connection = model.connection();
        let live = matches!(connection, Connection::Live | Connection::Interrupted);
        let mut tracker = tracker.write();
        let new = tracker.observe(model.alerts(), &notes.peek(), live, platform::now());
        if let Some(entry) = new.ringing {
            ring(&entry);
        }
        if !new.entries.is_empty() && *feed.visible.peek() {
            latest.set(new.entries);
        }
    });
    latest
}
