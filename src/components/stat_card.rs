//! The stat cards: for each metric its value, its trend, and its severity.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Better, Format, Layout, Stat};

use crate::components::Reactive;
use crate::components::icon::{Shape, icon};
use crate::components::panels::heading;
use crate::components::sparkline::Sparkline;
use crate::components::time_text::TimeText;
use crate::model::format::{Formatted, Locale};
use crate::model::trend::{Direction, Judgement, Severity, Trend, severity, trend};
use crate::model::{PreviousStats, Stats};

/// The maximum width of a short value, such as 1,284 or 112 ms, in tenths of an
/// em.
const SHORT: usize = 34;

/// The maximum width of a value on a page, such as 128,456 or 12.5 MiB: a wider one is
/// abbreviated, so that the values of a row have digits of one size.
const LONG: usize = 46;

/// The most cards in a row of a wide page, and of one that is less wide.
pub(super) const WIDE: usize = 6;
const MEDIUM: usize = 4;

/// A card for each metric of the layout. Only the cards run again whose metric
/// changed.
#[component]
pub fn StatGrid(
    layout: Reactive<Layout>,
    stats: Reactive<Stats>,
    /// The same stats, for the sparklines: a signal that changes less often.
    samples: Reactive<Stats>,
    /// The stats before their latest update.
    previous: Reactive<PreviousStats>,
    /// For each card, when its value was published if it is stale.
    stale: Signal<Vec<Option<f64>>>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: Signal<f64>,
    locale: Signal<Locale>,
    /// Whether the cards are on a wall, where digits have to be large.
    #[props(default)]
    kiosk: bool,
) -> Element {
    let (layout, stats) = (layout.read(), stats.read());
    let (previous, stale) = (previous.read(), stale.read());
    rsx! {
        section {
            class: "stats",
            "data-wide": columns(layout.stat.len(), WIDE).to_string(),
            "data-medium": columns(layout.stat.len(), MEDIUM).to_string(),
            "aria-label": "Current values",
            for (n , stat) in layout.stat.iter().enumerate() {
                StatCard {
                    value: stats.get(&stat.key).map(|known| known.value),
                    previous: previous.get(&stat.key),
                    samples,
                    stale_since: stale.get(n).copied().flatten(),
                    now,
                    kiosk,
                    locale: locale.cloned(),
                    stat: stat.clone(),
                }
            }
        }
    }
}

/// The columns of a grid with as few rows as possible, all of them about equally
/// long: 7 cards are 4 and 3, and not 6 and 1.
pub(super) fn columns(cards: usize, max: usize) -> usize {
    let rows = cards.div_ceil(max).max(1);
    cards.div_ceil(rows).max(1)
}

/// A metric's card; a dash stands in for a missing value.
#[component]
pub fn StatCard(
    stat: Stat,
    value: Option<f64>,
    /// The value before the latest update.
    #[props(default)]
    previous: Option<f64>,
    /// The latest values, for the sparkline; without it there is none.
    #[props(default)]
    samples: Option<Reactive<Stats>>,
    /// When a stale value was published, in milliseconds since the Unix epoch by
    /// the viewer's clock.
    #[props(default)]
    stale_since: Option<f64>,
    /// The viewer's clock.
    now: Signal<f64>,
    /// Whether the card is on a wall, where digits have to be large.
    #[props(default)]
    kiosk: bool,
    locale: Locale,
) -> Element {
    let notation = stat.notation();
    let trend = value.map(|value| trend(&stat, previous, value));
    let severity = value.map_or(Severity::Ok, |value| severity(&stat, value));
    let symbols = &locale.symbols;
    let number = value.map(|value| {
        let full = symbols.full(&notation, value).to_string();
        let width = if kiosk { SHORT } else { LONG };
        (symbols.fitting(&notation, value, width), full)
    });
    rsx! {
        article {
            class: "stat",
            "aria-label": "{stat.label}",
            "data-stat": "{stat.key}",
            "data-severity": severity_name(severity),
            "data-stale": stale_since.map(|_| "true"),
            header { class: "stat-head",
                h2 { class: "stat-label", dir: "auto", {heading(&stat.label, stat.link.as_deref())} }
                {severity_chip(severity, limit(&stat, severity, &locale))}
            }
            {stat_number(number)}
            if let Some(samples) = samples {
                Sparkline {
                    samples,
                    metric: stat.key.clone(),
                    is_percent: stat.format == Format::Percent,
                }
            }
            p { class: "stat-change",
                span { class: "box",
                    if let Some(since) = stale_since {
                        span { class: "age",
                            {icon(Shape::Clock)}
                            TimeText { since, now, locale }
                        }
                    } else if let (Some(value), Some(previous), Some(trend)) = (value, previous, trend) {
                        {change(trend, locale.symbols.delta(&notation, previous, value))}
                    }
                }
            }
        }
    }
}

/// A value as it fits the card and, if that is abbreviated, in full as tooltip and for
/// screen readers.
fn stat_number(number: Option<(Formatted, String)>) -> Element {
    let Some((number, full)) = number else {
        return rsx! {
            p { class: "stat-value empty",
                span { "aria-hidden": "true", "–" }
                span { class: "visually-hidden", "No value yet" }
            }
        };
    };
    let width = number.width();
    let full = (number.to_string() != full).then_some(full);
    let class = if width <= SHORT {
        "stat-value"
    } else if width <= LONG {
        "stat-value middling"
    } else {
        "stat-value long"
    };
    let key = format!("{class} {}", number.value.len());
    rsx! {
        p { class,
            span { class: "box",
                // A new element for each length: a unit that moves, or a size that
                // changes, would be a layout shift.
                for key in [key] {
                    span {
                        key: "{key}",
                        dir: "ltr",
                        role: full.as_ref().map(|_| "img"),
                        title: full.clone(),
                        "aria-label": full.clone(),
                        "{number.value}"
                        span { class: "unit", "{number.unit}" }
                    }
                }
            }
        }
    }
}

/// The change against the previous value: its direction and amount. Whether that
/// is good is in the colour, the tooltip, and the label for screen readers. A change
/// writes one text and some attributes: text costs layout.
fn change(trend: Trend, by: Formatted) -> Element {
    let judgement = match (trend.direction, trend.judgement) {
        (Direction::Flat, _) => "no change",
        (_, Judgement::Good) => "better",
        (_, Judgement::Bad) => "worse",
        (_, Judgement::Neutral) => "",
    };
    let by = match trend.direction {
        Direction::Flat => "±0".to_owned(),
        _ => by.to_string(),
    };
    let label = [by.as_str(), judgement].join(" ");
    rsx! {
        span {
            class: "change",
            dir: "ltr",
            role: "img",
            title: judgement,
            "aria-label": label.trim_end(),
            "data-trend": judgement_name(trend.judgement),
            "data-direction": direction_name(trend.direction),
            "{by}"
        }
    }
}

/// The severity in a word, with the exceeded threshold as tooltip. Always there,
/// and hidden by the stylesheet if nothing is exceeded: an element that comes and
/// goes would lay out its card anew.
pub(super) fn severity_chip(severity: Severity, limit: Option<String>) -> Element {
    let shape = match severity {
        Severity::Critical => Shape::Error,
        _ => Shape::Warning,
    };
    rsx! {
        span { class: "severity", title: limit,
            {icon(shape)}
            {severity_word(severity)}
        }
    }
}

/// The exceeded threshold in words: above 5.0%.
fn limit(stat: &Stat, severity: Severity, locale: &Locale) -> Option<String> {
    let threshold = match severity {
        Severity::Ok => None,
        Severity::Warning => stat.warning,
        Severity::Critical => stat.critical,
    };
    let side = match stat.better {
        Better::Higher => "below",
        _ => "above",
    };
    threshold.map(|threshold| format!("{side} {}", locale.value(&stat.notation(), threshold)))
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

/// A severity's name, for people.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "",
        Severity::Warning => "Warning",
        Severity::Critical => "Critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_cards_are_about_equally_long() {
        let wide = |cards| columns(cards, WIDE);
        assert_eq!(
            [0, 1, 4, 6, 7, 9, 12, 13, 24].map(wide),
            [1, 1, 4, 6, 4, 5, 6, 5, 6]
        );
    }
}
