//! The top of the page.

use dioxus::prelude::*;

use crate::components::dashboard_index::{DashboardLink, Ways};
use crate::components::{ConnectionBadge, Setting, Settings};
use crate::model::{Connection, Notes, Range};

/// The dashboard's name, what kind of data it shows, what the viewer may
/// choose, and the connection.
#[component]
pub fn Header(
    title: String,
    /// A word about the data, such as "Demo data".
    note: Option<String>,
    /// The way to the choice of dashboards, where there are several.
    ways: Option<Ways>,
    connection: Connection,
    /// Seconds until the next try; see [`Connection::retry_in`].
    retry_in: Option<u64>,
    /// What the viewer has chosen.
    notes: Notes,
    /// Whether the menu of settings is open.
    menu: Signal<bool>,
    /// Whether there is a chart whose range can be chosen.
    charts: bool,
    /// Called with the notes as the viewer changed them.
    on_notes: EventHandler<Notes>,
    /// Called with a setting and whether it shall be on.
    on_set: EventHandler<(Setting, bool)>,
) -> Element {
    let unmuted = notes.clone().unmuted();
    rsx! {
        header { class: "top",
            if let Some(ways) = ways {
                DashboardLink { class: "to-index", ways, "All dashboards" }
            }
            h1 { dir: "auto", "{title}" }
            if let Some(note) = note {
                span { class: "note", dir: "auto", "{note}" }
            }
            div { class: "controls",
                ConnectionBadge { connection, retry_in }
                if charts {
                    {range_switch(&notes, on_notes)}
                }
                Settings {
                    open: menu,
                    notes,
                    on_set,
                    on_unmute: move |()| on_notes.call(unmuted.clone()),
                }
            }
        }
    }
}

/// How far back the charts reach.
fn range_switch(notes: &Notes, on_notes: EventHandler<Notes>) -> Element {
    let choice = |range| {
        let mut notes = notes.clone();
        notes.range = range;
        notes
    };
    let choices = Range::ALL.map(choice);

    rsx! {
        div { class: "switch", role: "group", "aria-label": "Range of the charts",
            for choice in choices {
                button {
                    r#type: "button",
                    "aria-pressed": (choice.range == notes.range).to_string(),
                    onclick: {
                        let choice = choice.clone();
                        move |_| on_notes.call(choice.clone())
                    },
                    bdi { {choice.range.as_str()} }
                }
            }
        }
    }
}
