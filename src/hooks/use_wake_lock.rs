//! A screen that stays on.

use dioxus::prelude::*;

use crate::platform::{VisibilityChanges, WakeLock};

/// If `enabled`, keeps the screen on while the component is mounted. The browser
/// releases the lock when the page is hidden, so it is requested again when the
/// page is visible.
pub(crate) fn use_wake_lock(enabled: bool) {
    use_hook(|| {
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
