//! The Escape key.

use dioxus::prelude::*;

use crate::platform::Escapes;

/// Calls `on_escape` when the viewer presses Escape, while the component is
/// mounted.
pub(crate) fn use_escape(mut on_escape: impl FnMut() + 'static) {
    use_hook(|| {
        spawn(async move {
            let mut escapes = Escapes::listen();
            loop {
                escapes.next().await;
                on_escape();
            }
        })
    });
}
