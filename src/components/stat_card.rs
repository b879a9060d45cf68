//! One metric: its value, where it is going, and whether that is good.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Better, Stat};

use crate::components::icon::{Icon, Shape};
use crate::model::StatValue;
use crate::model::format::{self, Formatted};
use crate::model::trend::{Direction, Judgement, Severity, Trend, severity, trend};

/// From this many characters on, a value is set smaller to fit its card; those
/// of the unit, which is small, count half.
const LONG: usize = 8;

/// A metric's card; a dash holds the place of a value that has not come yet.
#[component]
pub fn StatCard(stat: Stat, value: Option<StatValue>) -> Element {
    let trend = value.map(|value| trend(&stat, value));
    let severity = value.map(|value| severity(&stat, value.value));
    rsx! {
        article {
            class: "stat",
            "aria-label": "{stat.label}",
            "data-stat": "{stat.key}",
            "data-trend": trend.map_or("neutral", |trend| judgement_name(trend.judgement)),
            "data-direction": trend.map_or("flat", |trend| direction_name(trend.direction)),
            "data-severity": severity_name(severity.unwrap_or_default()),
            header { class: "stat-head",
                h2 { class: "stat-label", "{stat.label}" }
                if let Some(severity) = severity {
                    SeverityChip { severity, limit: limit(&stat, severity) }
                }
            }
            StatNumber { number: value.map(|value| format::value(stat.format, value.value)) }
            p { class: "stat-change",
                if let Some((value, trend)) = value.zip(trend) {
                    if let Some(previous) = value.previous {
                        Change { trend, by: format::delta(stat.format, previous, value.value) }
                    }
                }
            }
        }
    }
}

#[component]
fn StatNumber(number: Option<Formatted>) -> Element {
    let Some(number) = number else {
        return rsx! {
            p { class: "stat-value empty",
                span { "aria-hidden": "true", "–" }
                span { class: "visually-hidden", "No value yet" }
            }
        };
    };
    let length = number.value.chars().count() + number.unit.map_or(0, |unit| unit.len() / 2);
    rsx! {
        p { class: if length < LONG { "stat-value" } else { "stat-value long" },
            span {
                "{number.value}"
                if let Some(unit) = number.unit {
                    span { class: "unit",
                        if unit == "%" { "%" } else { "\u{a0}{unit}" }
                    }
                }
            }
        }
    }
}

/// The change against the previous value: an arrow, how much, and what it is
/// worth.
#[component]
fn Change(trend: Trend, by: Formatted) -> Element {
    let (shape, by, worth) = match (trend.direction, trend.judgement) {
        (Direction::Flat, _) => (Shape::Flat, None, "no change"),
        (direction, judgement) => (
            if direction == Direction::Up {
                Shape::Up
            } else {
                Shape::Down
            },
            Some(by),
            match judgement {
                Judgement::Good => "better",
                Judgement::Bad => "worse",
                Judgement::Neutral => "",
            },
        ),
    };
    rsx! {
        span { class: "change",
            Icon { shape }
            if let Some(by) = by {
                "{by}"
            }
        }
        span { class: "judgement", "{worth}" }
    }
}

/// The word for a passed threshold.
#[component]
fn SeverityChip(severity: Severity, limit: Option<String>) -> Element {
    let (shape, word) = match severity {
        Severity::Ok => return rsx! {},
        Severity::Warning => (Shape::Warning, "Warning"),
        Severity::Critical => (Shape::Error, "Critical"),
    };
    rsx! {
        span { class: "severity", title: limit,
            Icon { shape }
            "{word}"
        }
    }
}

/// The threshold that was passed, in words: above 5.0%.
fn limit(stat: &Stat, severity: Severity) -> Option<String> {
    let threshold = match severity {
        Severity::Ok => None,
        Severity::Warning => stat.warning,
        Severity::Critical => stat.critical,
    };
    let side = match stat.better {
        Better::Higher => "below",
        Better::Lower => "above",
    };
    threshold.map(|threshold| format!("{side} {}", format::value(stat.format, threshold)))
}

fn judgement_name(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Good => "good",
        Judgement::Bad => "bad",
        Judgement::Neutral => "neutral",
    }
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
        Direction::Flat => "flat",
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
