//! One alert.

use dioxus::prelude::*;
use live_dashboard_protocol::payload::{Alert, Level, Status};

use crate::components::icon::{Icon, Shape};
use crate::model::format::{self, Locale};
use crate::model::{AlertEntry, Notes};

/// What one alert's line holds. Its text is text, whatever it looks like.
pub(super) fn alert_line(
    entry: &AlertEntry,
    notes: &Notes,
    now: f64,
    locale: &Locale,
    // Who hears that the viewer takes note of the alert, and who, that it is
    // muted; without them there is nothing to click.
    on_notes: Option<(EventHandler<Notes>, EventHandler<Notes>)>,
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
            Icon { shape }
            p { class: "alert-head",
                span { class: "alert-level", {word(alert)} }
                if acknowledged {
                    span { class: "alert-note", "acknowledged" }
                }
                time {
                    datetime: format::rfc3339(entry.at),
                    title: "{exact}",
                    lang: "{locale.tag}",
                    // Reached by keyboard too: focus shows the exact time.
                    tabindex: on_notes.map(|_| "0"),
                    "data-exact": "{exact}",
                    {locale.ago(entry.at, now)}
                }
            }
            p { class: "alert-message", dir: "auto",
                if let Some(url) = alert.url.as_deref().filter(|url| is_web_address(url)) {
                    a { href: "{url}", target: "_blank", rel: "noopener noreferrer",
                        "{alert.message}"
                        // The space does not break, so that the arrow never stands alone.
                        span { "aria-hidden": "true", "\u{a0}↗\u{fe0e}" }
                    }
                } else {
                    "{alert.message}"
                }
            }
            if let Some((on_notes, on_mute)) = on_notes {
                div { class: "alert-actions",
                    {
                        let notes = notes.clone().with_acknowledged(entry, !acknowledged);
                        toggle(Shape::Tick, "Acknowledge", alert, acknowledged, move |_| on_notes.call(notes.clone()))
                    }
                    {
                        let notes = notes.clone().with_muted(entry, !muted);
                        toggle(Shape::BellOff, "Mute", alert, muted, move |_| on_mute.call(notes.clone()))
                    }
                }
            }
    }
}

/// A small button that is on or off.
fn toggle(
    shape: Shape,
    label: &'static str,
    alert: &Alert,
    on: bool,
    on_click: impl FnMut(Event<MouseData>) + 'static,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "action",
            title: label,
            "aria-label": "{label}: {alert.message}",
            "aria-pressed": on.to_string(),
            onclick: on_click,
            Icon { shape }
        }
    }
}

/// Whether an address may be a link: `http:` and `https:` only, as the page
/// would otherwise run what a publisher writes.
fn is_web_address(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Whether an alert is over.
pub(super) fn is_resolved(entry: &AlertEntry) -> bool {
    entry.alert.status == Some(Status::Resolved)
}

/// What an alert is, in a word.
pub(super) fn word(alert: &Alert) -> &'static str {
    match (alert.status, alert.level) {
        (Some(Status::Resolved), _) => "Resolved",
        (_, Level::Info) => "Info",
        (_, Level::Warning) => "Warning",
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
