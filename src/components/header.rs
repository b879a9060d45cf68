//! The top of the page.

use dioxus::prelude::*;

use crate::components::ConnectionBadge;
use crate::model::Connection;

/// The dashboard's name, what kind of data it shows, and the connection.
#[component]
pub fn Header(
    title: String,
    /// A word about the data, such as "Demo data".
    note: Option<String>,
    connection: Connection,
    /// Seconds until the next try; see [`Connection::retry_in`].
    retry_in: Option<u64>,
) -> Element {
    rsx! {
        header { class: "top",
            h1 { "{title}" }
            if let Some(note) = note {
                span { class: "note", "{note}" }
            }
            ConnectionBadge { connection, retry_in }
        }
    }
}
