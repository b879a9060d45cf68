//! Whether the page is visible.

use dioxus::prelude::*;

use crate::platform::{self, VisibilityChanges};

/// Whether the page is visible.
pub(crate) fn use_visibility() -> Signal<bool> {
    use_hook(|| {
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
