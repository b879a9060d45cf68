//! A button that copies a panel's data.

use dioxus::prelude::*;

use crate::components::ActionHandler;
use crate::components::icon::{Shape, icon};
use crate::model::Action;

/// Copies tab-separated text, for a spreadsheet. `name` is the panel's.
pub(crate) fn copy_button(name: &str, data: String, on_action: ActionHandler) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "action copy",
            title: "Copy",
            "aria-label": "Copy: {name}",
            onclick: move |_| on_action.call(Action::Copy(data.clone())),
            {icon(Shape::Copy)}
        }
    }
}
