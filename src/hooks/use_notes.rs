//! What the viewer keeps from one visit to the next.

use dioxus::prelude::*;

use crate::config::Config;
use crate::model::{Action, Notes};
use crate::platform;

/// The viewer's notes on a dashboard, and where they are stored.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct ViewerNotes {
    key: CopyValue<String>,
    notes: Signal<Notes>,
}

impl ViewerNotes {
    /// The notes.
    pub(crate) fn signal(self) -> Signal<Notes> {
        self.notes
    }

    /// Applies an action and stores the notes.
    pub(crate) fn apply(mut self, action: &Action) {
        let notes = self.notes.peek().clone().with(action);
        platform::store(&self.key.read(), &notes.to_text());
        self.notes.set(notes);
    }
}

/// The viewer's notes on the config's dashboard.
pub(crate) fn use_notes(config: &Config) -> ViewerNotes {
    let key = format!(
        "live-dashboard {} {}",
        config.token_url(),
        config.dashboard().unwrap_or_default()
    );
    let read = |key: &str| Notes::from_text(&platform::stored(key).unwrap_or_default());
    let mut known = use_hook(|| {
        let notes = Signal::new(read(&key));
        ViewerNotes {
            key: CopyValue::new(key.clone()),
            notes,
        }
    });
    if *known.key.read() != key {
        known.notes.set(read(&key));
        known.key.set(key);
    }
    known
}
