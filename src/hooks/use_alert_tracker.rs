//! New alerts: which to announce, to ring for, to count.

use std::rc::Rc;

use dioxus::prelude::*;

use super::Feed;
use crate::model::{AlertEntry, AlertTracker, Connection, Notes, unseen};
use crate::platform;

/// The latest new alerts, newest first. Calls `ring` for each error that is
/// worth a sound or a notification.
pub(crate) fn use_new_alerts(
    feed: Feed,
    notes: Signal<Notes>,
    mut ring: impl FnMut(&AlertEntry) + 'static,
) -> Signal<Vec<Rc<AlertEntry>>> {
    let mut tracker = use_hook(|| CopyValue::new(AlertTracker::default()));
    let mut latest = use_signal(Vec::new);
    use_effect(move || {
        let live = *feed.connection.read() == Connection::Live;
        let alerts = feed.alerts.read();
        let new = (tracker.write()).observe(&alerts, &notes.peek(), live, platform::now());
        if let Some(entry) = new.ringing {
            ring(&entry);
        }
        if !new.entries.is_empty() {
            latest.set(new.entries);
        }
    });
    latest
}

/// The number of alerts that arrived while the page was out of sight.
pub(crate) fn use_unseen(feed: Feed, notes: Signal<Notes>, visible: Signal<bool>) -> Memo<usize> {
    let mut seen = use_hook(|| CopyValue::new(None::<String>));
    use_memo(move || {
        let alerts = feed.alerts.read();
        if visible() {
            if let Some(newest) = alerts.newest(1).first() {
                seen.set(Some(newest.id.clone()));
            }
            return 0;
        }
        unseen(&alerts, &notes.read(), seen.read().as_deref())
    })
}
