//! What the viewer keeps from one visit to the next.

use dioxus::prelude::*;

use crate::config::Config;
use crate::model::Notes;
use crate::platform;

/// The viewer's notes on the config's dashboard.
#[derive(Clone, Copy, PartialEq)]
pub struct ViewerNotes {
    of: CopyValue<String>,
    notes: Signal<Notes>,
}

impl ViewerNotes {
    /// The notes as they stand.
    pub fn read(&self) -> Notes {
        (self.notes)()
    }

    /// Changes the notes and keeps them.
    pub fn keep(mut self, notes: Notes) {
        platform::store(&self.of.read(), &notes.to_text());
        self.notes.set(notes);
    }
}

/// The viewer's notes; another dashboard has others.
pub fn use_notes(config: &Config) -> ViewerNotes {
    let key = format!(
        "live-dashboard {} {}",
        config.token_url(),
        config.dashboard().unwrap_or_default()
    );
    let read = |key: &str| Notes::from_text(&platform::stored(key).unwrap_or_default());
    let mut known = use_hook(|| ViewerNotes {
        notes: Signal::new(read(&key)),
        of: CopyValue::new(key.clone()),
    });
    if *known.of.read() != key {
        known.notes.set(read(&key));
        known.of.set(key);
    }
    known
}
