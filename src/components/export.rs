//! Buttons that hand out a panel's data.

use dioxus::prelude::*;

use crate::components::ActionHandler;
use crate::components::buttons::icon_button;
use crate::components::icon::Shape;
use crate::model::Action;

/// Copies tab-separated text for a spreadsheet, or saves it as a CSV file. `name` is the
/// panel's.
pub(crate) fn export_buttons(name: &str, data: String, on_action: ActionHandler) -> Element {
    let file = Action::Save(name.to_owned(), data.clone());
    rsx! {
        span { class: "exports",
            {icon_button(Shape::Copy, "Copy", name, None, Action::Copy(data), on_action)}
            {icon_button(Shape::Renewed, "Save as CSV", name, None, file, on_action)}
        }
    }
}
