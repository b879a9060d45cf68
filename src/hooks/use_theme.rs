//! The theme that was asked for.

use dioxus::prelude::*;

use crate::components::Theme;
use crate::platform::ThemeMessages;

/// The theme that the surrounding page asked for last, or else the one of the
/// config; `None` for the system's setting.
pub fn use_theme(configured: Option<Theme>) -> Option<Theme> {
    let mut told = use_signal(|| None);
    use_hook(|| {
        spawn(async move {
            let mut messages = ThemeMessages::listen();
            loop {
                let name = messages.next().await;
                if let Some(theme) = Theme::named(&name) {
                    told.set(Some(theme));
                }
            }
        })
    });
    told().or(configured)
}
