//! Whether the page is visible.

use dioxus::prelude::*;

use crate::platform::{self, VisibilityChanges};

/// Whether the page is visible.
pub(crate) fn use_visibility() -> Signal<bool> {
    let mut visible = use_signal(platform::is_visible);
    use_hook(|| {
        spawn(async move {
            let mut changes = VisibilityChanges::listen();
            loop {
                visible.set(changes.next().await);
            }
        })
    });
    visible
}
