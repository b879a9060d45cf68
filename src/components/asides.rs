//! What the page tells quietly, over its bottom edge: it takes no room, so that nothing
//! moves when it comes and goes.

use dioxus::prelude::*;

use crate::components::first_run::command;
use crate::components::{ActionHandler, Slices};
use crate::model::health::Health;
use crate::model::{Action, Connection, OlderPoints};

/// One remark, with a command to copy if the viewer can do something about it.
struct Aside {
    text: String,
    command: Option<String>,
}

/// The remarks: what is missing of a long range, and how to publish while nothing has been
/// published.
#[component]
pub(super) fn Asides(
    slices: Slices,
    /// The address of a hub that the viewer may publish to.
    publish_to: Option<String>,
    on_action: ActionHandler,
) -> Element {
    let s = slices;
    let mut asides = Vec::new();
    let older = match s.reach.read().older {
        OlderPoints::Complete => None,
        OlderPoints::Loading => Some("Loading earlier points …".to_owned()),
        OlderPoints::Failed => {
            Some("Earlier points cannot be loaded. Retrying every 30 s.".to_owned())
        }
        OlderPoints::Since(since) => {
            let since = s.locale.read().times.moment(since);
            Some(["There are too many points: none from before ", &since].concat())
        }
    };
    asides.extend(older.map(|text| Aside {
        text,
        command: None,
    }));
    if let Some(hub) = publish_to
        && s.unshown.read().reasons() == 0
        && *s.health.read() == Health::Waiting
        && *s.connection.read() == Connection::Live
        && let Some(command) = command(&s.layout.read(), &hub)
    {
        let text = "Nothing has been published yet. With an API key of the hub as KEY, this fills the page:";
        asides.push(Aside {
            text: text.to_owned(),
            command: Some(command),
        });
    }
    rsx! {
        div { class: "asides",
            // A new element for each text: a button that moves would be a layout shift.
            for Aside { text, command } in asides {
                div {
                    key: "{text}",
                    class: "notice",
                    role: "note",
                    "data-tone": "quiet",
                    div { class: "notice-text",
                        p { dir: "auto", "{text}" }
                        if let Some(command) = &command {
                            code { dir: "ltr", "{command}" }
                        }
                    }
                    if let Some(command) = command {
                        button {
                            r#type: "button",
                            onclick: move |_| on_action.call(Action::Copy(command.clone())),
                            "Copy"
                        }
                    }
                }
            }
        }
    }
}
