//! The alert feed: the newest few, or all on demand, with what the viewer can do
//! with them.

mod filter;
mod line;

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::limits::ALERTS_SHOWN;
use live_dashboard_protocol::message::Level;

use crate::components::alerts::filter::{Filter, filters};
use crate::components::alerts::line::alert_line;
use crate::components::panels::heading;
use crate::components::{ActionHandler, Reactive};
use crate::model::format::Locale;
use crate::model::{AlertEntry, Alerts, Notes};

/// The maximum number of characters that surely fit the two lines of a message
/// in a collapsed feed.
const SHORT: usize = 60;

/// The alert feed. New alerts are announced to screen readers.
#[component]
pub fn AlertFeed(
    /// Its heading; "Alerts" if empty.
    #[props(default)]
    title: String,
    /// The address that the heading links to.
    #[props(default)]
    link: Option<String>,
    alerts: Reactive<Alerts>,
    /// What the viewer acknowledged and muted.
    notes: Signal<Notes>,
    /// The alerts to announce, newest first.
    new_alerts: Signal<Vec<Rc<AlertEntry>>>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: Signal<f64>,
    locale: Locale,
    /// Whether there are controls.
    #[props(default = true)]
    interactive: bool,
    on_action: ActionHandler,
) -> Element {
    let filter = use_signal(Filter::default);
    let mut expanded = use_signal(|| false);
    let (alerts, notes) = (alerts.read(), notes.read());
    let newest = alerts.newest(Alerts::CAPACITY);
    // A wall shows the worst of all first: nobody can look for it there.
    let worst_first;
    let entries = match interactive {
        true => newest,
        false => {
            worst_first = by_severity(newest, &notes);
            &worst_first
        }
    };
    let filtered = || {
        let matches = |entry: &&Rc<AlertEntry>| filter.read().matches(entry, &notes);
        entries.iter().filter(matches)
    };
    let total = filtered().count();
    let is_long = |entry: &Rc<AlertEntry>| entry.alert.message.chars().nth(SHORT).is_some();
    let expandable = total > ALERTS_SHOWN || filtered().any(is_long);
    // In a collapsed feed all lines have the same height, and the stylesheet moves
    // each to its rank by a transform: a new one moves the others without laying
    // them out.
    let collapsed = !*expanded.read();
    let shown = if collapsed {
        total.min(ALERTS_SHOWN)
    } else {
        total
    };
    let is_empty = total == 0;
    let title = match &*title {
        "" => "Alerts",
        title => title,
    };
    rsx! {
        // On a wall an empty feed is narrow: a new one, since one that moves would be a
        // layout shift.
        for key in [is_empty && !interactive] {
            section {
                key: "{key}",
                class: "panel alerts",
                "data-empty": is_empty.then_some("true"),
                "aria-label": "{title}",
                tabindex: interactive.then_some("-1"),
                header { class: "panel-head",
                    h2 { dir: "auto", {heading(title, link.as_deref())} }
                    if interactive && !entries.is_empty() {
                        {filters(entries, &notes, filter)}
                    }
                }
                if is_empty {
                    p { class: "empty", if entries.is_empty() { "No alerts" } else { "No matching alerts" } }
                } else {
                    div { class: "alert-box",
                        div { class: "alert-scroll",
                            ol {
                                class: "alert-list",
                                "data-rest": collapsed.then(|| shown.to_string()),
                                for (rank , entry) in filtered().take(shown).enumerate() {
                                    li {
                                        key: "{entry.id}",
                                        class: "alert",
                                        "data-rank": (collapsed || rank == 0).then(|| rank.to_string()),
                                        "data-level": line::level_name(entry.alert.level),
                                        "data-status": if line::is_resolved(entry) { "resolved" } else { "firing" },
                                        "data-acknowledged": notes.is_acknowledged(entry).then_some("true"),
                                        {alert_line(entry, &notes, now, &locale, interactive.then_some(on_action))}
                                    }
                                }
                            }
                            if interactive && expandable {
                                button {
                                    r#type: "button",
                                    class: "quiet more",
                                    "aria-expanded": (!collapsed).to_string(),
                                    onclick: move |_| expanded.toggle(),
                                    match (collapsed, total > ALERTS_SHOWN) {
                                        (true, true) => format!("Show all {total}"),
                                        (true, false) => "Show in full".to_owned(),
                                        (false, true) => format!("Show the newest {ALERTS_SHOWN}"),
                                        (false, false) => "Show less".to_owned(),
                                    }
                                }
                            }
                        }
                        if !interactive {
                            {and_more(total)}
                        }
                    }
                }
                Announcement { new_alerts }
            }
        }
    }
}

/// The alerts that still hold, the worst first, and then the others; newest first
/// among equals.
fn by_severity(newest: &[Rc<AlertEntry>], notes: &Notes) -> Vec<Rc<AlertEntry>> {
    let rank = |entry: &AlertEntry| match entry.alert.level {
        _ if line::is_resolved(entry) || notes.is_acknowledged(entry) => 0,
        Level::Info => 1,
        Level::Warning => 2,
        Level::Error => 3,
    };
    let ranks = (0..=3).rev();
    let of_rank = |rank_of: u8| newest.iter().filter(move |entry| rank(entry) == rank_of);
    ranks.flat_map(of_rank).cloned().collect()
}

/// How many alerts follow those that a wall has room for, which the stylesheet knows.
fn and_more(total: usize) -> Element {
    let after = |shown: usize| (total > shown).then(|| format!("and {} more", total - shown));
    rsx! {
        p {
            class: "alert-rest",
            "data-after-1": after(1),
            "data-after-2": after(2),
            "data-after-3": after(3),
            "data-after-4": after(4),
            "data-after-5": after(5),
        }
    }
}

/// The live region. A component, because new alerts are known only after the
/// feed has run.
#[component]
fn Announcement(new_alerts: Signal<Vec<Rc<AlertEntry>>>) -> Element {
    let new_alerts = new_alerts.read();
    let text = new_alerts.first().map(|newest| {
        let count = match new_alerts.len() {
            1 => String::new(),
            n => format!("{n} new alerts. "),
        };
        let alert = &newest.alert;
        format!("{count}{}: {}", line::word(alert), alert.message)
    });
    rsx! {
        p { class: "visually-hidden", role: "status",
            span { class: "box", {text} }
        }
    }
}
