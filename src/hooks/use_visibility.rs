//! Whether anybody can see the page.

use dioxus::prelude::*;

use crate::platform::{self, VisibilityChanges};

/// Whether the page is in sight.
pub fn use_visibility() -> bool {
    let mut visible = use_signal(platform::is_visible);
    use_hook(|| {
        spawn(async move {
            let mut changes = VisibilityChanges::listen();
            loop {
                visible.set(changes.next().await);
            }
        })
    });
    visible()
}
