//! The dashboard's health along the top edge, as word, icon, colour and pattern.

use dioxus::prelude::*;

use crate::components::Reactive;
use crate::components::icon::{Shape, icon};
use crate::components::time_text::TimeText;
use crate::model::Connection;
use crate::model::format::Locale;
use crate::model::health::{Health, Reason};

/// How many reasons are listed; of more, their number is.
const MAX_REASONS: usize = 3;

/// The dashboard's health, the reasons for it, and the time.
#[component]
pub fn StateLine(
    health: Signal<Health>,
    reasons: Signal<Vec<Reason>>,
    connection: Reactive<Connection>,
    /// The viewer's clock; read only for a countdown or an age.
    now: Signal<f64>,
    locale: Locale,
    /// The layout's IANA time zone, if it has one.
    #[props(default)]
    time_zone: Option<String>,
    /// The dashboard's title, if nothing else shows it.
    #[props(default)]
    title: Option<String>,
    /// A remark on the data beside the title, such as "Demo data".
    #[props(default)]
    note: Option<String>,
) -> Element {
    let health = *health.read();
    let state = health.as_str();
    let (shape, word) = match health {
        Health::Waiting => (Shape::Busy, "Waiting for data"),
        Health::Ok => (Shape::Check, "All systems OK"),
        Health::Warning => (Shape::Warning, "Warning"),
        Health::Critical => (Shape::Error, "Critical"),
        Health::Stale { .. } => (Shape::Clock, "Stale"),
        Health::Disconnected => (Shape::Refused, "Disconnected"),
    };
    let reasons = reasons.read();
    let detail = match (health, reasons.is_empty()) {
        (_, true) => details(health, &connection.read(), now, &locale),
        // What was wrong is told first, where a long line still has it.
        (Health::Disconnected, _) => {
            let before = list(&reasons, 1, now, &locale);
            let details = details(health, &connection.read(), now, &locale);
            ["Before: ", &before, " · ", &details].concat()
        }
        _ => list(&reasons, MAX_REASONS, now, &locale),
    };
    // All numbers, and not only some.
    let is_stale = match (health, &**reasons) {
        (Health::Stale { .. }, []) => true,
        (_, reasons) => matches!(reasons.last(), Some(Reason::Stale(_))),
    };
    rsx! {
        div { class: "state", "data-state": state, "data-stale": is_stale.then_some("true"),
            div { class: "state-row box",
                if let Some(title) = title {
                    h1 { class: "state-title", dir: "auto", "{title}" }
                    if let Some(note) = note {
                        span { class: "note", dir: "auto", "{note}" }
                    }
                }
                p { class: "state-word",
                    {icon(shape)}
                    strong { "{word}" }
                }
                // A new element for each state: a word of another length is not a
                // layout shift.
                for state in [state] {
                    p { key: "{state}", class: "state-detail", dir: "auto", "{detail}" }
                }
                span { class: "state-clock",
                    TimeText { now, locale }
                    if let Some(zone) = time_zone {
                        {zone_name(&zone)}
                    }
                }
            }
        }
    }
}

/// The details of a health that has no reasons.
fn details(health: Health, connection: &Connection, now: Signal<f64>, locale: &Locale) -> String {
    match (connection, health) {
        (Connection::Refused { reason }, _) => reason.clone(),
        (Connection::Reconnecting { problem, .. }, _) => {
            let retry = connection.retry_in(|| *now.read());
            let retry = retry.map(|seconds| format!("Retrying in {seconds} s"));
            let problem = Some(problem.text.clone()).filter(|text| !text.is_empty());
            let all: Vec<_> = problem.into_iter().chain(retry).collect();
            all.join(" · ")
        }
        (Connection::Connecting, _) => "Connecting to the hub".to_owned(),
        (_, Health::Stale { since }) => last_numbers(since, now, locale),
        _ => String::new(),
    }
}

/// A time zone for people: Vienna time for Europe/Vienna, UTC for Etc/UTC.
fn zone_name(zone: &str) -> String {
    let place = zone.rsplit('/').next().unwrap_or_default();
    match place {
        "UTC" | "GMT" => format!(" {place}"),
        _ => format!(" {} time", place.replace('_', " ")),
    }
}

fn last_numbers(at: f64, now: Signal<f64>, locale: &Locale) -> String {
    format!("Last numbers {}", locale.ago(at, *now.read()))
}

/// The first reasons, at most `max`, and how many more there are.
fn list(reasons: &[Reason], max: usize, now: Signal<f64>, locale: &Locale) -> String {
    let mut listed = Vec::new();
    let (mut more, mut stale) = (0, None);
    for reason in reasons {
        match reason {
            Reason::Stale(since) => stale = Some(last_numbers(*since, now, locale)),
            Reason::StaleValues(1) => stale = Some("1 value stale".to_owned()),
            Reason::StaleValues(count) => stale = Some(format!("{count} values stale")),
            _ if listed.len() == max => more += 1,
            Reason::Value {
                label,
                notation,
                value,
            } => listed.push(format!("{label} {}", locale.value(notation, *value))),
            Reason::State { label, state } => listed.push([label, " ", state].concat()),
            Reason::Alert(message) => listed.push(message.clone()),
        }
    }
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    // Beside the worst, where a long line still has it.
    if let Some(stale) = stale {
        listed.insert(listed.len().min(1), stale);
    }
    listed.join(" · ")
}
