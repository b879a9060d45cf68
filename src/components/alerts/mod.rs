//! The alerts: at rest the newest few, on demand all of them, and what the
//! viewer does with them.

mod filter;
mod line;

use dioxus::prelude::*;

use crate::components::alerts::filter::{Filter, filters};
use crate::components::alerts::line::alert_line;
use crate::model::format::Locale;
use crate::model::{AlertEntry, Notes};

/// How many alerts stand in the feed at rest.
const AT_REST: usize = 5;

/// A message of more characters may be cut at rest, where it has two lines.
const SHORT: usize = 60;

/// The alert feed. New alerts are announced to screen readers; those that
/// stood there from the start are not.
#[component]
pub fn AlertFeed(
    /// All that are known, newest first.
    entries: Vec<AlertEntry>,
    /// What the viewer has acknowledged and muted.
    notes: Notes,
    /// The alerts to announce, newest first.
    #[props(default)]
    fresh: Vec<AlertEntry>,
    /// Milliseconds since the Unix epoch by the viewer's clock.
    now: f64,
    locale: Locale,
    /// Whether there is anything to click.
    #[props(default = true)]
    interactive: bool,
    /// Called with the notes as the viewer changed them.
    on_notes: EventHandler<Notes>,
    /// The same where an alert was muted or no longer is: its line goes, and the
    /// keyboard's focus wants another place.
    on_mute: EventHandler<Notes>,
) -> Element {
    let filter = use_signal(Filter::default);
    let mut expanded = use_signal(|| false);
    let shown: Vec<_> = entries
        .iter()
        .filter(|entry| filter().lets(entry, &notes))
        .cloned()
        .collect();
    let total = shown.len();
    let visible = if expanded() {
        total
    } else {
        total.min(AT_REST)
    };
    let is_long = |entry: &AlertEntry| entry.alert.message.chars().nth(SHORT).is_some();
    let foldable = total > AT_REST || shown.iter().any(is_long);
    // At rest all lines are of one height and each is moved to its rank, not
    // laid out there: a newer one slides the others down.
    let at_rest = !expanded();
    let ranks = (at_rest && interactive).then(|| format!("repeat({visible}, 1fr)"));
    rsx! {
        section {
            class: "panel alerts",
            "aria-label": "Alerts",
            tabindex: interactive.then_some("-1"),
            header { class: "panel-head",
                h2 { "Alerts" }
                if interactive && !entries.is_empty() {
                    {filters(&entries, &notes, filter)}
                }
            }
            if shown.is_empty() {
                p { class: "empty", if entries.is_empty() { "No alerts" } else { "None of this kind" } }
            } else {
                div { class: "alert-box",
                    ol {
                        class: "alert-list",
                        "data-rest": at_rest.then_some("true"),
                        grid_template_rows: ranks,
                        for (rank, entry) in shown.into_iter().take(visible).enumerate() {
                            li {
                                key: "{entry.id}",
                                class: "alert",
                                transform: at_rest.then(|| format!("translateY({rank}00%)")),
                                "data-level": line::level_name(entry.alert.level),
                                "data-status": if line::is_resolved(&entry) { "resolved" } else { "firing" },
                                "data-acknowledged": notes.is_acknowledged(&entry).then_some("true"),
                                {alert_line(&entry, &notes, now, &locale, interactive.then_some((on_notes, on_mute)))}
                            }
                        }
                    }
                    if interactive && foldable {
                        button {
                            r#type: "button",
                            class: "quiet more",
                            "aria-expanded": expanded().to_string(),
                            onclick: move |_| expanded.toggle(),
                            match (expanded(), total > AT_REST) {
                                (false, true) => format!("Show all {total}"),
                                (false, false) => "Show in full".to_owned(),
                                (true, true) => format!("Show the newest {AT_REST}"),
                                (true, false) => "Show less".to_owned(),
                            }
                        }
                    }
                }
            }
            p { class: "visually-hidden", role: "status", "{announcement(&fresh)}" }
        }
    }
}

/// What to say of new alerts.
fn announcement(fresh: &[AlertEntry]) -> String {
    let Some(newest) = fresh.first() else {
        return String::new();
    };
    let count = match fresh.len() {
        1 => String::new(),
        n => format!("{n} new alerts. "),
    };
    format!(
        "{count}{}: {}",
        line::word(&newest.alert),
        newest.alert.message
    )
}
