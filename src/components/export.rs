//! Buttons that hand out a panel's data.

use dioxus::prelude::*;

use crate::components::ActionHandler;
use crate::components::icon::{Shape, icon};
use crate::model::Action;

/// Copies tab-separated text for a spreadsheet, or saves it as a CSV file. `name` is the
/// panel's.
pub(crate) fn export_buttons(name: &str, data: String, on_action: ActionHandler) -> Element {
    let file = Action::Save(name.to_owned(), data.clone());
    rsx! {
        span { class: "exports",
            {button("Copy", Shape::Copy, name, Action::Copy(data), on_action)}
            {button("Save as CSV", Shape::Renewed, name, file, on_action)}
        }
    }
}

fn button(
    label: &'static str,
    shape: Shape,
    name: &str,
    action: Action,
    on_action: ActionHandler,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "action",
            title: label,
            "aria-label": "{label}: {name}",
            onclick: move |_| on_action.call(action.clone()),
            {icon(shape)}
        }
    }
}
