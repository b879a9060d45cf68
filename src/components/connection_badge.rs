//! The state of the connection in one word.

use dioxus::prelude::*;

use crate::components::Reactive;
use crate::components::icon::{Shape, icon};
use crate::model::Connection;

/// The state of the connection as shape, word and colour;
/// [`ConnectionNotice`](crate::components::ConnectionNotice) has the details.
#[component]
pub fn ConnectionBadge(
    connection: Reactive<Connection>,
    /// The viewer's clock; read only for a countdown.
    now: Signal<f64>,
) -> Element {
    let connection = connection.read();
    let (shape, word, details) = match &*connection {
        Connection::Connecting => (Shape::Busy, "Connecting", None),
        Connection::Live => (Shape::Live, "Connected", None),
        Connection::Interrupted => (Shape::Retry, "Interrupted", None),
        Connection::Reconnecting { problem, .. } => {
            let details = format!("{} ({})", problem.text, problem.address);
            (Shape::Retry, "Reconnecting", Some(details))
        }
        Connection::Refused { reason } => (Shape::Refused, "Refused", Some(reason.clone())),
    };
    rsx! {
        div { class: "connection", role: "status",
            // A new element for each state: a word of another length is not a
            // layout shift.
            for state in [connection.as_str()] {
                p {
                    key: "{state}",
                    class: "connection-badge",
                    "data-state": state,
                    title: details.clone(),
                    {icon(shape)}
                    span { "{word}" }
                    // Hidden from the live region, which would announce each second.
                    if let Some(seconds) = connection.retry_in(|| *now.read()) {
                        span { class: "countdown", "aria-hidden": "true", "in {seconds} s" }
                    }
                }
            }
        }
    }
}
