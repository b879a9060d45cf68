//! One metric: its value, where it is going, and whether that is good.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Better, Stat};

use crate::components::icon::{Icon, Shape};
use crate::components::sparkline::sparkline;
use crate::model::StatValue;
use crate::model::format::{Formatted, Locale};
use crate::model::trend::{Direction, Judgement, Severity, Trend, severity, trend};

/// Up to this width, in tenths of an em, a value is short: 1,284 or 112 ms.
const SHORT: usize = 34;

/// Up to this width a value fits its card: 128,456. A wider one is set
/// smaller.
const LONG: usize = 46;

/// A metric's card; a dash holds the place of a value that has not come yet.
#[component]
pub fn StatCard(
    stat: Stat,
    value: Option<StatValue>,
    /// The last values, oldest first.
    #[props(default)]
    recent: Vec<f64>,
    /// How old the value is, where it is too old, in words.
    #[props(default)]
    age: Option<String>,
    /// Whether few digits must do.
    #[props(default)]
    compact: bool,
    locale: Locale,
) -> Element {
    let trend = value.map(|value| trend(&stat, value));
    let severity = value.map_or(Severity::Ok, |value| severity(&stat, value.value));
    let number = value.map(|value| match compact {
        true => locale.symbols.compact(stat.format, value.value),
        false => locale.symbols.value(stat.format, value.value),
    });
    let moved = trend.is_some_and(|trend| trend.direction != Direction::Flat);
    let stale = age.is_some().then_some("true");
    rsx! {
        article {
            class: "stat",
            "aria-label": "{stat.label}",
            "data-stat": "{stat.key}",
            "data-trend": trend.map_or("neutral", |trend| judgement_name(trend.judgement)),
            "data-direction": trend.map_or("flat", |trend| direction_name(trend.direction)),
            "data-severity": severity_name(severity),
            "data-stale": stale,
            // A tint that fades, new with each value that differs.
            for update in value.filter(|_| moved).map(|value| value.updated_at as u64) {
                span { key: "{update}", class: "flash", "aria-hidden": "true" }
            }
            header { class: "stat-head",
                h2 { class: "stat-label", dir: "auto", "{stat.label}" }
                if severity != Severity::Ok {
                    {severity_chip(severity, limit(&stat, severity, &locale))}
                }
            }
            {stat_number(number)}
            {sparkline(&recent)}
            p { class: "stat-change",
                if let Some(age) = age {
                    span { class: "age",
                        Icon { shape: Shape::Clock }
                        "{age}"
                    }
                } else if let Some((value, trend)) = value.zip(trend) {
                    if let Some(previous) = value.previous {
                        {change(trend, locale.symbols.delta(stat.format, previous, value.value))}
                    }
                }
            }
        }
    }
}

fn stat_number(number: Option<Formatted>) -> Element {
    let Some(number) = number else {
        return rsx! {
            p { class: "stat-value empty",
                span { "aria-hidden": "true", "–" }
                span { class: "visually-hidden", "No value yet" }
            }
        };
    };
    let width = width(&number);
    let class = if width <= SHORT {
        "stat-value"
    } else if width <= LONG {
        "stat-value middling"
    } else {
        "stat-value long"
    };
    // A number of another length is another one: a unit that is pushed aside,
    // or a size that changes, would be a jump of the page.
    let key = format!("{class} {}", number.value.len());
    rsx! {
        for key in [key] {
            p { key: "{key}", class,
                span { dir: "ltr",
                    "{number.value}"
                    if !number.unit.is_empty() {
                        span { class: "unit", "{number.unit}" }
                    }
                }
            }
        }
    }
}

/// About how wide a number is in a wide font, in tenths of an em.
fn width(number: &Formatted) -> usize {
    let of_char = |c: char| match c {
        ',' | '.' | '\'' | '’' | '٬' | '٫' | '\u{a0}' | '\u{202f}' => 4,
        _ => 7,
    };
    let digits: usize = number.value.chars().map(of_char).sum();
    digits + 4 * number.unit.chars().count()
}

/// The change against the previous value: an arrow, what it is worth, and how
/// much it is. What varies in length stands last, so that it moves nothing.
fn change(trend: Trend, by: Formatted) -> Element {
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
            span { class: "judgement", "{worth}" }
            if let Some(by) = by {
                strong { dir: "ltr", "{by}" }
            }
        }
    }
}

/// The word for a passed threshold, and the threshold.
fn severity_chip(severity: Severity, limit: Option<String>) -> Element {
    let shape = match severity {
        Severity::Critical => Shape::Error,
        _ => Shape::Warning,
    };
    rsx! {
        span { class: "severity", title: limit,
            Icon { shape }
            {severity_word(severity)}
        }
    }
}

/// The threshold that was passed, in words: above 5.0%.
fn limit(stat: &Stat, severity: Severity, locale: &Locale) -> Option<String> {
    let threshold = match severity {
        Severity::Ok => None,
        Severity::Warning => stat.warning,
        Severity::Critical => stat.critical,
    };
    let side = match stat.better {
        Better::Higher => "below",
        Better::Lower => "above",
    };
    threshold.map(|threshold| format!("{side} {}", locale.value(stat.format, threshold)))
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

/// A severity's name, for stylesheets and tests.
pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// A severity's word, for people.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "",
        Severity::Warning => "Warning",
        Severity::Critical => "Critical",
    }
}
