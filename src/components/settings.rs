//! What the viewer may switch on: a menu behind a small button.

use dioxus::prelude::*;

use crate::components::icon::{Icon, Shape};
use crate::model::Notes;

/// Something that the viewer switches on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// A notification by the system for each error.
    Notifications,
    /// A sound for each error.
    Sound,
}

/// The menu. Everything in it is off until it is switched on.
#[component]
pub fn Settings(
    /// Whether the menu is open.
    open: Signal<bool>,
    notes: Notes,
    /// Called with a setting and whether it shall be on.
    on_set: EventHandler<(Setting, bool)>,
    /// Called when the viewer wants to hear of everything again.
    on_unmute: EventHandler<()>,
) -> Element {
    rsx! {
        details {
            class: "settings",
            open: open(),
            summary {
                "aria-label": "Settings",
                title: "Settings",
                onclick: move |event| {
                    event.prevent_default();
                    open.toggle();
                },
                Icon { shape: Shape::Gear }
            }
            div { class: "menu", role: "group", "aria-label": "Settings",
                {choice("System notifications for errors", notes.notify, Setting::Notifications, on_set)}
                {choice("Sound for errors", notes.sound, Setting::Sound, on_set)}
                if notes.muted() > 0 {
                    button { r#type: "button", class: "quiet", onclick: move |_| on_unmute.call(()),
                        "Unmute all ({notes.muted()})"
                    }
                }
            }
        }
    }
}

fn choice(
    label: &'static str,
    checked: bool,
    setting: Setting,
    on_set: EventHandler<(Setting, bool)>,
) -> Element {
    rsx! {
        label { class: "choice",
            input {
                r#type: "checkbox",
                checked,
                onchange: move |event| on_set.call((setting, event.checked())),
            }
            "{label}"
        }
    }
}
