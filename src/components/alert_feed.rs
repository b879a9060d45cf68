//! The newest alerts.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::payload::{Level, Status};

use crate::components::icon::{Icon, Shape};
use crate::model::{AlertEntry, format};

/// The alerts that it is given, newest first. New ones are announced to
/// screen readers; those that stood there from the start are not.
#[component]
pub fn AlertFeed(
    /// Newest first.
    entries: Vec<AlertEntry>,
    /// Milliseconds since the Unix epoch by the viewer's clock.
    now: f64,
    /// The viewer's offset from UTC in minutes, east positive.
    utc_offset_minutes: i32,
) -> Element {
    let announcement = use_announcement(&entries);
    rsx! {
        section { class: "panel alerts", "aria-label": "Alerts",
            header { class: "panel-head",
                h2 { "Alerts" }
            }
            if entries.is_empty() {
                p { class: "empty", "No alerts" }
            } else {
                ol { class: "alert-list",
                    for entry in entries {
                        AlertLine {
                            key: "{entry.id}",
                            age: format::ago(entry.at, now),
                            entry,
                            utc_offset_minutes,
                        }
                    }
                }
            }
            p { class: "visually-hidden", role: "status", "{announcement}" }
        }
    }
}

/// One alert. Its text is text, whatever it looks like.
#[component]
fn AlertLine(entry: AlertEntry, age: String, utc_offset_minutes: i32) -> Element {
    let alert = &entry.alert;
    let resolved = alert.status == Some(Status::Resolved);
    let shape = match alert.level {
        _ if resolved => Shape::Check,
        Level::Info => Shape::Info,
        Level::Warning => Shape::Warning,
        Level::Error => Shape::Error,
    };
    let link = alert.url.as_deref().filter(|url| is_web_address(url));
    rsx! {
        li {
            class: "alert",
            "data-level": level_name(alert.level),
            "data-status": if resolved { "resolved" } else { "firing" },
            Icon { shape }
            p { class: "alert-head",
                span { class: "alert-level",
                    if resolved { "Resolved" } else { "{level_word(alert.level)}" }
                }
                time {
                    datetime: format::rfc3339(entry.at),
                    title: format::date_time(entry.at, utc_offset_minutes),
                    "{age}"
                }
            }
            p { class: "alert-message",
                if let Some(url) = link {
                    a { href: "{url}", target: "_blank", rel: "noopener noreferrer",
                        "{alert.message}"
                        // The space does not break, so that the arrow never stands alone.
                        span { "aria-hidden": "true", "\u{a0}↗\u{fe0e}" }
                    }
                } else {
                    "{alert.message}"
                }
            }
        }
    }
}

/// What to say of the alerts that have come since the last time.
fn use_announcement(entries: &[AlertEntry]) -> String {
    let newest = entries.first().map(|entry| entry.id.clone());
    let heard = use_hook(|| Rc::new(RefCell::new((newest.clone(), String::new()))));
    let (last, announcement) = &mut *heard.borrow_mut();
    let fresh = entries
        .iter()
        .take_while(|entry| Some(&entry.id) > last.as_ref())
        .count();
    if let Some(entry) = entries.first().filter(|_| fresh > 0) {
        let count = match fresh {
            1 => String::new(),
            n => format!("{n} new alerts. "),
        };
        let level = level_word(entry.alert.level);
        *announcement = format!("{count}{level}: {}", entry.alert.message);
        *last = newest;
    }
    announcement.clone()
}

/// Whether an address may be a link: `http:` and `https:` only, as the page
/// would otherwise run what a publisher writes.
fn is_web_address(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Info => "Info",
        Level::Warning => "Warning",
        Level::Error => "Error",
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
