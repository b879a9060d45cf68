//! What the app is, and its keys.

use dioxus::prelude::*;

use crate::components::Theme;

/// Name, version, licence and the keys, above the dashboard.
#[component]
pub fn About(
    /// The app's version.
    version: String,
    /// Each key and what it does.
    keys: Vec<(&'static str, &'static str)>,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Called when the viewer has read it.
    on_close: EventHandler<()>,
) -> Element {
    rsx! {
        div { class: "live-dashboard about", "data-theme": theme.map(Theme::as_str),
            section { role: "dialog", "aria-modal": "true", "aria-labelledby": "about-title",
                h1 { id: "about-title", "Live Dashboard" }
                p { "Version {version}" }
                p { "Shows a system's health the moment it changes. MIT or Apache-2.0, as you like." }
                dl {
                    for (key, deed) in keys {
                        dt {
                            kbd { "{key}" }
                        }
                        dd { "{deed}" }
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
