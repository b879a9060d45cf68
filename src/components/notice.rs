//! Bars along the bottom edge that tell what is wrong and what to do. They cover
//! the page and do not move it.

use dioxus::prelude::*;

use crate::components::icon::{Shape, icon};
use crate::components::{ActionHandler, Reactive};
use crate::model::format::Locale;
use crate::model::{Action, Connection, OlderPoints, Unshown};

/// Why there is no connection, and what to do; empty while there is one.
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
        Connection::Reconnecting { problem, .. } => rsx! {
            div { class: "notice", role: "status", "data-tone": "warning",
                {icon(Shape::Retry)}
                div { class: "notice-text",
                    p { strong { "{problem.text}" } }
                    p {
                        code { "{problem.address}" }
                        " · Retrying "
                        // Hidden from the live region, which would announce each second.
                        span { "aria-hidden": "true",
                            if let Some(seconds) = connection.retry_in(|| *now.read()) {
                                "in {seconds} s"
                            } else {
                                "now"
                            }
                        }
                        span { class: "visually-hidden", "automatically" }
                        ". If this continues, check that the hub is running at this address."
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

/// How many messages could not be shown in full, and the reason of the latest. Once
/// hidden, it returns for another reason only. Not a live region: a publisher that
/// repeats a mistake would be announced again and again.
#[component]
pub(super) fn UnshownNotice(unshown: Reactive<Unshown>) -> Element {
    let mut hidden = use_signal(String::new);
    let unshown = unshown.read();
    let reason = unshown.reason().to_owned();
    if *hidden.read() == reason {
        return rsx! {};
    }
    let messages = match unshown.count() {
        1 => "1 message".to_owned(),
        n @ ..100 => format!("{n} messages"),
        n => format!("{n} or more messages"),
    };
    let text = format!("{messages} could not be shown in full. Latest: {reason}");
    rsx! {
        // A new element for each text: a button that moves would be a layout shift.
        for text in [text] {
            div { key: "{text}", class: "notice", role: "note", "data-tone": "quiet",
                {icon(Shape::Warning)}
                p { class: "notice-text", dir: "auto", "{text}" }
                button {
                    r#type: "button",
                    onclick: {
                        let reason = reason.clone();
                        move |_| hidden.set(reason.clone())
                    },
                    "Hide"
                }
            }
        }
    }
}

/// What is missing of the points that a long range needs.
pub(super) fn older_points_notice(state: OlderPoints, locale: &Locale) -> Element {
    let text = match state {
        OlderPoints::Complete => return rsx! {},
        OlderPoints::Loading => "Loading earlier points …".to_owned(),
        OlderPoints::Failed => "Earlier points cannot be loaded. Retrying every 30 s.".to_owned(),
        OlderPoints::Since(since) => {
            let since = locale.times.moment(since);
            format!("There are too many points: those before {since} are left out.")
        }
    };
    rsx! {
        div { class: "notice", role: "status", "data-tone": "quiet", "data-later": "true",
            p { class: "notice-text", dir: "auto", "{text}" }
        }
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
            button { r#type: "button", onclick: move |_| on_action.call(Action::Reload), "Reload" }
        }
    }
}
