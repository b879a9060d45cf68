//! A screen that stays on.

use dioxus::prelude::*;

use crate::platform::{VisibilityChanges, WakeLock};

/// Keeps the screen from going dark for as long as the component is there and
/// wants it. The browser takes the lock back whenever the page leaves sight,
/// so that it is asked for anew.
pub fn use_wake_lock(wanted: bool) {
    use_hook(|| {
        wanted.then(|| {
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
