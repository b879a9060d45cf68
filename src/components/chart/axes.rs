//! Times, thresholds and gaps.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Format;

use super::share;
use crate::components::stat_card::{severity_name, severity_word};
use crate::model::format::Locale;
use crate::model::plot::{Band, Plot, PlotGap};

/// A time closer to the right edge than this fraction of the width is aligned
/// with its end, so that it is not cut off.
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

/// The regions beyond the thresholds.
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

/// The periods without data.
pub(super) fn gap_marks(gaps: &[PlotGap], locale: &Locale) -> Element {
    rsx! {
        for gap in gaps {
            div {
                class: "gap",
                left: share(gap.place),
                width: share(gap.width),
                title: no_data(gap.gap.after, gap.gap.before, locale),
            }
        }
    }
}

/// A gap in words.
pub(super) fn no_data(after: f64, before: f64, locale: &Locale) -> String {
    let clock = |at: f64| locale.times.clock(at * 1000.0, true);
    format!("No data between {} and {}", clock(after), clock(before))
}
