//! What the viewer keeps from one visit to the next.

use dioxus::prelude::*;

use super::{use_side_effect, use_value};
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

/// The viewer's notes on the config's dashboard; none in the first draw if the hub
/// drew the page.
pub(crate) fn use_notes(config: &Config, is_drawn: bool) -> ViewerNotes {
    let key = format!(
        "live-dashboard {} {}",
        config.token_url(),
        config.dashboard().unwrap_or_default()
    );
    let read = |key: &str| Notes::from_text(&platform::stored(key).unwrap_or_default());
    let mut known = use_value(|| {
        let notes = if is_drawn {
            Notes::default()
        } else {
            read(&key)
        };
        ViewerNotes {
            key: CopyValue::new(key.clone()),
            notes: Signal::new(notes),
        }
    });
    use_side_effect(move || {
        if is_drawn {
            known.notes.set(read(&known.key.read()));
        }
    });
    if *known.key.read() != key {
        known.notes.set(read(&key));
        known.key.set(key);
    }
    known
}
