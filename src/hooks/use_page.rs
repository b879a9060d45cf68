//! The page around the dashboard: whether it is visible, its theme, the Escape key,
//! and a screen that stays on.

use dioxus::prelude::*;

use super::{ViewerNotes, use_value};
use crate::components::Theme;
use crate::model::{Action, Range};
use crate::platform::{self, Escapes, PageMessages, VisibilityChanges, WakeLock};

/// Whether the page is visible.
pub(crate) fn use_visibility() -> Signal<bool> {
    use_value(|| {
        let mut visible = Signal::new(platform::is_visible());
        spawn(async move {
            let mut changes = VisibilityChanges::listen();
            loop {
                visible.set(changes.next().await);
            }
        });
        visible
    })
}

/// The theme that the surrounding page requested last, or else the configured
/// one; `None` for the system's setting. The range that it requested last is shown, but
/// not stored as the viewer's choice.
pub(crate) fn use_theme(configured: Option<Theme>, notes: ViewerNotes) -> Option<Theme> {
    let requested = use_value(|| {
        let mut requested = Signal::new(None);
        spawn(async move {
            let mut messages = PageMessages::listen();
            loop {
                let name = messages.next().await;
                if let Some(theme) = Theme::named(&name) {
                    requested.set(Some(theme));
                } else if let Some(range) = Range::named(&name) {
                    notes.apply(&Action::ShowRange(range));
                }
            }
        });
        requested
    });
    requested.read().or(configured)
}

/// Calls `on_escape` when the viewer presses Escape, while the component is
/// mounted.
pub(crate) fn use_escape(mut on_escape: impl FnMut() + 'static) {
    use_value(|| {
        spawn(async move {
            let mut escapes = Escapes::listen();
            loop {
                escapes.next().await;
                on_escape();
            }
        })
    });
}

/// If `enabled`, keeps the screen on while the component is mounted. The browser
/// releases the lock when the page is hidden, so it is requested again when the
/// page is visible.
pub(crate) fn use_wake_lock(enabled: bool) {
    use_value(|| {
        enabled.then(|| {
            spawn(async {
                let mut changes = VisibilityChanges::listen();
                let mut _held = WakeLock::request().await;
                loop {
                    if changes.next().await {
                        _held = WakeLock::request().await;
                    }
                }
            })
        })
    });
}
