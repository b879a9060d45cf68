//! Buttons that ask for an [`Action`]. They share their code: each handler and each
//! element of its own makes the page larger.

use dioxus::prelude::*;

use crate::components::ActionHandler;
use crate::components::icon::{Shape, icon};
use crate::model::Action;

/// What a click on a button does that asks for this.
pub(super) fn ask(on_action: ActionHandler, action: Action) -> impl FnMut(MouseEvent) {
    move |_| on_action.call(action.clone())
}

/// A small button without text; `about` names what it is for, and `pressed` is for a toggle.
pub(super) fn icon_button(
    shape: Shape,
    label: &'static str,
    about: &str,
    pressed: Option<bool>,
    action: Action,
    on_action: ActionHandler,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "action",
            title: label,
            "aria-label": "{label}: {about}",
            "aria-pressed": pressed.map(|on| on.to_string()),
            onclick: ask(on_action, action),
            {icon(shape)}
        }
    }
}
