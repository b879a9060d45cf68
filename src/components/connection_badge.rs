//! How the viewer stands with its hub, in a word.

use dioxus::prelude::*;

use crate::components::icon::{Icon, Shape};
use crate::model::Connection;

/// The connection's state by shape, word and colour; the whole story is told
/// by [`ConnectionNotice`](crate::components::ConnectionNotice).
#[component]
pub fn ConnectionBadge(
    connection: Connection,
    /// Seconds until the next try; see [`Connection::retry_in`].
    retry_in: Option<u64>,
) -> Element {
    let (shape, word) = match &connection {
        Connection::Connecting => (Shape::Busy, "Connecting"),
        Connection::Live => (Shape::Live, "Live"),
        Connection::Reconnecting { .. } => (Shape::Retry, "Reconnecting"),
        Connection::Refused { .. } => (Shape::Refused, "Refused"),
    };
    let story = match &connection {
        Connection::Reconnecting { problem, .. } => {
            Some(format!("{} ({})", problem.text, problem.address))
        }
        Connection::Refused { reason } => Some(reason.clone()),
        Connection::Connecting | Connection::Live => None,
    };
    rsx! {
        div { class: "connection", role: "status",
            // Another state has another badge: a longer word has not moved its
            // neighbours, it is new.
            for state in [connection.as_str()] {
                p {
                    key: "{state}",
                    class: "connection-badge",
                    "data-state": state,
                    title: story.clone(),
                    Icon { shape }
                    span { "{word}" }
                    // Hidden from the live region, which would count aloud.
                    if let Some(seconds) = retry_in {
                        span { class: "countdown", "aria-hidden": "true", "in {seconds} s" }
                    }
                }
            }
        }
    }
}
