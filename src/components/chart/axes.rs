//! What stands behind and below the drawing: times, thresholds and gaps.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Format;

use super::share;
use crate::components::stat_card::{severity_name, severity_word};
use crate::model::format::Locale;
use crate::model::plot::{Band, Hole, Plot};

/// From this near the right edge on, as a share of the width, a time is set
/// against the edge: there is no room beyond.
const EDGE: f64 = 0.05;

/// The times below the chart.
pub(super) fn times(plot: &Plot, locale: &Locale) -> Element {
    rsx! {
        svg { class: "times", "aria-hidden": "true",
            for tick in &plot.times {
                line { x1: share(tick.place), x2: share(tick.place), y1: "0", y2: ".35em" }
                text {
                    class: if tick.minor { "minor" },
                    x: share(tick.place),
                    y: "1.35em",
                    text_anchor: if tick.place > 1.0 - EDGE { "end" } else { "middle" },
                    "{locale.times.clock(tick.at * 1000.0, plot.to_the_second)}"
                }
            }
        }
    }
}

/// The regions beyond the thresholds, with the thresholds themselves.
pub(super) fn bands(bands: &[Band], format: Format, locale: &Locale) -> Element {
    rsx! {
        for band in bands {
            div {
                class: "band",
                "data-severity": severity_name(band.severity),
                top: share(band.top),
                height: share(band.height),
                // The threshold is the band's edge on the good side.
                "data-edge": if band.line > band.top { "below" } else { "above" },
                span { "{severity_word(band.severity)} {locale.value(format, band.threshold)}" }
            }
        }
    }
}

/// The stretches that nothing is known of.
pub(super) fn holes(holes: &[Hole], locale: &Locale) -> Element {
    rsx! {
        for hole in holes {
            div {
                class: "hole",
                left: share(hole.place),
                width: share(hole.width),
                title: no_data(hole.gap.after, hole.gap.before, locale),
            }
        }
    }
}

/// A gap in words.
pub(super) fn no_data(after: f64, before: f64, locale: &Locale) -> String {
    let clock = |at: f64| locale.times.clock(at * 1000.0, true);
    format!("No data between {} and {}", clock(after), clock(before))
}
