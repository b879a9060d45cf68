//! The Escape key.

use dioxus::prelude::*;

use crate::platform::Escapes;

/// Does something each time that the viewer presses Escape, for as long as the
/// component is there.
pub fn use_escape(mut escape: impl FnMut() + 'static) {
    use_hook(|| {
        spawn(async move {
            let mut escapes = Escapes::listen();
            loop {
                escapes.next().await;
                escape();
            }
        })
    });
}
