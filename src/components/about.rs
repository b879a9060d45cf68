//! The About dialog: what the app is, and its keyboard shortcuts.

use dioxus::prelude::*;

use crate::components::Theme;

/// Name, version, licence and keyboard shortcuts, above the dashboard.
#[component]
pub fn About(
    /// The app's version.
    version: String,
    /// The shortcuts and what they do.
    keys: Vec<(&'static str, &'static str)>,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Called when the viewer closes the dialog.
    on_close: EventHandler<()>,
) -> Element {
    rsx! {
        div { class: "live-dashboard about", "data-theme": theme.map(Theme::as_str),
            section { role: "dialog", "aria-modal": "true", "aria-labelledby": "about-title",
                h1 { id: "about-title", "Live Dashboard" }
                p { "Version {version}" }
                p { "Shows a system's health in real time. Licensed under MIT or Apache-2.0, at your option." }
                dl {
                    for (key, effect) in keys {
                        dt {
                            kbd { "{key}" }
                        }
                        dd { "{effect}" }
                    }
                }
                div { class: "actions",
                    button {
                        r#type: "button",
                        onmounted: move |button| async move {
                            let _ = button.set_focus(true).await;
                        },
                        onclick: move |_| on_close.call(()),
                        "Close"
                    }
                }
            }
        }
    }
}
