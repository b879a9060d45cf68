//! Bars along the bottom edge that tell what is wrong and what to do. They cover
//! the page and do not move it.

use dioxus::prelude::*;

use crate::components::buttons::ask;
use crate::components::icon::{Shape, icon};
use crate::components::{ActionHandler, Reactive};
use crate::model::{Action, Connection};

/// Why nothing comes from the hub, and what to do; empty while something may.
#[component]
pub fn ConnectionNotice(
    connection: Reactive<Connection>,
    /// The viewer's clock; read only for a countdown.
    now: Signal<f64>,
    /// Whether the page retries by itself even after a refusal.
    #[props(default)]
    kiosk: bool,
) -> Element {
    let connection = connection.read();
    match &*connection {
        Connection::Connecting | Connection::Live => rsx! {},
        Connection::Interrupted => rsx! {
            div { class: "notice", role: "status", "data-tone": "warning",
                {icon(Shape::Retry)}
                div { class: "notice-text",
                    p { strong { "Publishing is interrupted" } }
                    p { "The hub has lost its server and is reconnecting to it." }
                }
            }
        },
        Connection::Reconnecting { problem, .. } => rsx! {
            div { class: "notice", role: "status", "data-tone": "warning",
                {icon(Shape::Retry)}
                div { class: "notice-text",
                    p { strong { "{problem.text}" } }
                    p {
                        "Retrying "
                        // Hidden from the live region, which would announce each second.
                        span { "aria-hidden": "true",
                            if let Some(seconds) = connection.retry_in(|| *now.read()) {
                                "in {seconds} s. "
                            } else {
                                "now. "
                            }
                        }
                        span { class: "visually-hidden", "automatically. " }
                        span { class: "advice",
                            "If this continues, check that the hub is running at "
                            code { "{problem.address}" }
                            "."
                        }
                    }
                }
            }
        },
        Connection::Refused { reason } => rsx! {
            div { class: "notice", role: "alert", "data-tone": "error",
                {icon(Shape::Refused)}
                div { class: "notice-text",
                    p { strong { "The hub refused the connection" } }
                    p {
                        "{reason}"
                        if reason.ends_with('.') { " " } else { ". " }
                        if kiosk {
                            "Retrying every minute."
                        } else {
                            "Not retrying. Reload once this is resolved."
                        }
                    }
                }
            }
        },
    }
}

/// Offers to load the newer version of the page.
pub(super) fn newer_page_notice(on_action: ActionHandler) -> Element {
    rsx! {
        div { class: "notice", role: "status", "data-tone": "info",
            {icon(Shape::Renewed)}
            div { class: "notice-text",
                p { strong { "A newer version of this page is available" } }
            }
            button { r#type: "button", onclick: ask(on_action, Action::Reload), "Reload" }
        }
    }
}
