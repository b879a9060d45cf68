//! One alert.

use dioxus::prelude::*;
use live_dashboard_protocol::message::{Alert, Level, Status};

use crate::components::ActionHandler;
use crate::components::buttons::icon_button;
use crate::components::icon::{Shape, icon};
use crate::components::time_text::TimeText;
use crate::model::format::{self, Locale};
use crate::model::markdown::is_web_address;
use crate::model::{Action, AlertEntry, Notes};

/// The content of an alert's line. The message is never taken as markup.
pub(super) fn alert_line(
    entry: &AlertEntry,
    notes: &Notes,
    now: Signal<f64>,
    locale: &Locale,
    // `None` for a line without controls.
    on_action: Option<ActionHandler>,
) -> Element {
    let alert = &entry.alert;
    let shape = match alert.level {
        _ if is_resolved(entry) => Shape::Check,
        Level::Info => Shape::Info,
        Level::Warning => Shape::Warning,
        Level::Error => Shape::Error,
    };
    let acknowledged = notes.is_acknowledged(entry);
    let muted = notes.is_muted(entry);
    let exact = locale.times.moment(entry.at);
    rsx! {
            {icon(shape)}
            p { class: "alert-head",
                span { class: "alert-level", {word(alert)} }
                if acknowledged {
                    span { class: "alert-note", "acknowledged" }
                }
                time {
                    datetime: format::rfc3339(entry.at),
                    title: "{exact}",
                    lang: "{locale.tag}",
                    // Focus shows the exact time.
                    tabindex: on_action.map(|_| "0"),
                    "data-exact": "{exact}",
                    TimeText { since: entry.at, now, locale: locale.clone() }
                }
            }
            p { class: "alert-message", dir: "auto",
                if let Some(url) = alert.url.as_deref().filter(|url| is_web_address(url)) {
                    a { href: "{url}", target: "_blank", rel: "noopener noreferrer",
                        "{alert.message}"
                        // A no-break space keeps the arrow on the line of the last word.
                        span { "aria-hidden": "true", "\u{a0}↗\u{fe0e}" }
                    }
                } else {
                    "{alert.message}"
                }
            }
            if let Some(on_action) = on_action {
                div { class: "alert-actions",
                    {
                        let action = if acknowledged { Action::Unacknowledge } else { Action::Acknowledge };
                        icon_button(Shape::Tick, "Acknowledge", &alert.message, Some(acknowledged), action(entry.id.clone()), on_action)
                    }
                    {
                        let action = if muted { Action::Unmute } else { Action::Mute };
                        icon_button(Shape::BellOff, "Mute", &alert.message, Some(muted), action(entry.topic()), on_action)
                    }
                }
            }
    }
}

/// Whether an alert is resolved.
pub(super) fn is_resolved(entry: &AlertEntry) -> bool {
    entry.alert.status == Some(Status::Resolved)
}

/// An alert's status or level, for people.
pub(super) fn word(alert: &Alert) -> &str {
    match (alert.status, alert.level) {
        (Some(Status::Resolved), _) => "Resolved",
        (_, Level::Info) => "Info",
        (_, Level::Warning) => match &alert.unknown_level {
            Some(word) if !word.is_empty() => word,
            _ => "Warning",
        },
        (_, Level::Error) => "Error",
    }
}

/// A level's name, for stylesheets and tests.
pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
