//! The colour scheme.

use dioxus::prelude::*;

use crate::components::Theme;
use crate::platform::ThemeMessages;

/// The theme that the surrounding page requested last, or else the configured
/// one; `None` for the system's setting.
pub(crate) fn use_theme(configured: Option<Theme>) -> Option<Theme> {
    let requested = use_hook(|| {
        let mut requested = Signal::new(None);
        spawn(async move {
            let mut messages = ThemeMessages::listen();
            loop {
                let name = messages.next().await;
                if let Some(theme) = Theme::named(&name) {
                    requested.set(Some(theme));
                }
            }
        });
        requested
    });
    requested.read().or(configured)
}
