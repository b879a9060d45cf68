//! The settings menu.

use dioxus::prelude::*;

use crate::components::Reactive;
use crate::components::icon::{Shape, icon};
use crate::model::{Action, Notes};

/// The menu behind the settings button. Everything in it is off by default.
#[component]
pub fn Settings(
    /// Whether the menu is open.
    open: Signal<bool>,
    notes: Reactive<Notes>,
    on_action: EventHandler<Action>,
) -> Element {
    let notes = notes.read();
    let choice = |label: &'static str, checked: bool, action: fn(bool) -> Action| {
        rsx! {
            label { class: "choice",
                input {
                    r#type: "checkbox",
                    checked,
                    onchange: move |event| on_action.call(action(event.checked())),
                }
                "{label}"
            }
        }
    };
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
                {icon(Shape::Gear)}
            }
            div { class: "menu", role: "group", "aria-label": "Settings",
                {choice("System notifications for errors", notes.notify, Action::SetNotifications)}
                {choice("Sound for errors", notes.sound, Action::SetSound)}
                if notes.muted() > 0 {
                    button {
                        r#type: "button",
                        class: "quiet",
                        onclick: move |_| on_action.call(Action::UnmuteAll),
                        "Unmute all ({notes.muted()})"
                    }
                }
            }
        }
    }
}
