//! The settings menu.

use dioxus::prelude::*;

use crate::components::ActionHandler;
use crate::components::buttons::ask;
use crate::components::icon::{Shape, icon};
use crate::model::{Action, Notes};

/// The menu behind the settings button. Everything in it is off by default.
pub(super) fn settings(
    // Whether the menu is open.
    mut open: Signal<bool>,
    notes: &Notes,
    on_action: ActionHandler,
) -> Element {
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
            open: *open.read(),
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
                        onclick: ask(on_action, Action::UnmuteAll),
                        "Unmute all ({notes.muted()})"
                    }
                }
            }
        }
    }
}
