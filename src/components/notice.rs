//! A bar along the bottom edge for what the viewer must know or may do. It
//! takes nothing's place: what stands above keeps standing there.

use dioxus::prelude::*;

use crate::components::icon::{Icon, Shape};
use crate::model::Connection;

/// Why there is no connection, what was tried, and what helps; nothing while
/// there is one.
#[component]
pub fn ConnectionNotice(
    connection: Connection,
    /// Seconds until the next try; see [`Connection::retry_in`].
    retry_in: Option<u64>,
    /// Whether the page tries again by itself even what was refused.
    #[props(default)]
    kiosk: bool,
) -> Element {
    match connection {
        Connection::Connecting | Connection::Live => rsx! {},
        Connection::Reconnecting { problem, .. } => rsx! {
            div { class: "notice", role: "status", "data-tone": "warning",
                Icon { shape: Shape::Retry }
                div { class: "notice-text",
                    p { strong { "{problem.text}" } }
                    p {
                        "Tried "
                        code { "{problem.address}" }
                        ". It is tried again "
                        // Hidden from the live region, which would count aloud.
                        span { "aria-hidden": "true",
                            if let Some(seconds) = retry_in {
                                "in {seconds} s"
                            } else {
                                "now"
                            }
                        }
                        span { class: "visually-hidden", " by itself" }
                        ". If this lasts, check that the hub is running and that this is its address."
                    }
                }
            }
        },
        Connection::Refused { reason } => rsx! {
            div { class: "notice", role: "alert", "data-tone": "error",
                Icon { shape: Shape::Refused }
                div { class: "notice-text",
                    p { strong { "The hub refuses this page" } }
                    p {
                        "{reason}"
                        if reason.ends_with('.') { " " } else { ". " }
                        if kiosk {
                            "It is tried again every minute."
                        } else {
                            "It is not tried again: reload once that is settled."
                        }
                    }
                }
            }
        },
    }
}

/// Offers the page that the hub serves now.
#[component]
pub fn NewerPageNotice(on_reload: EventHandler<()>) -> Element {
    rsx! {
        div { class: "notice", role: "status", "data-tone": "info",
            Icon { shape: Shape::Renewed }
            div { class: "notice-text",
                p { strong { "A newer version of this page is available" } }
            }
            button { r#type: "button", onclick: move |_| on_reload.call(()), "Reload" }
        }
    }
}
