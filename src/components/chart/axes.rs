//! Times, thresholds and gaps.

use dioxus::prelude::*;

use super::share;
use super::slide::Slide;
use crate::components::stat_card::severity_name;
use crate::model::format::{Locale, plain};
use crate::model::plot::{Band, Plot};

/// A time closer to the right edge than this fraction of the width is aligned
/// with its end, so that it is not cut off.
const EDGE: f64 = 0.05;

/// The times below the chart.
pub(super) fn times(plot: &Plot, slide: Slide, locale: &Locale) -> Element {
    rsx! {
        div { class: "times",
            svg { "aria-hidden": "true",
                svg { class: "slide", x: slide.x(),
                    for tick in &plot.times {
                        g { key: "{plain(tick.at, 0)}",
                            line { x1: slide.share(tick.place), x2: slide.share(tick.place), y1: "0", y2: ".35em" }
                            text {
                                class: if tick.minor { "minor" },
                                x: slide.share(tick.place),
                                y: "1.35em",
                                text_anchor: if tick.place > 1.0 - EDGE { "end" } else { "middle" },
                                {tick_label(plot, tick.at * 1000.0, locale)}
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tick_label(plot: &Plot, at: f64, locale: &Locale) -> String {
    match plot.by_day {
        true => locale.times.day(at),
        false => locale.times.clock(at, plot.to_the_second),
    }
}

/// The regions beyond the thresholds.
pub(super) fn bands(bands: &[Band]) -> Element {
    rsx! {
        for band in bands {
            g { class: "band", "data-severity": severity_name(band.severity),
                rect { y: share(band.top), width: "100%", height: share(band.height) }
                line { x2: "100%", y1: share(band.line), y2: share(band.line) }
            }
        }
    }
}

/// The periods without data.
pub(super) fn gap_marks(plot: &Plot, slide: Slide, locale: &Locale) -> Element {
    rsx! {
        if !plot.gaps.is_empty() {
            // Charts share the name: each defines the same pattern.
            pattern {
                id: "live-dashboard-gap",
                width: "8",
                height: "8",
                pattern_units: "userSpaceOnUse",
                pattern_transform: "rotate(45)",
                line { class: "hatch", x1: "1", x2: "1", y2: "8" }
            }
        }
        for gap in &plot.gaps {
            rect {
                class: "gap",
                x: slide.share(gap.place),
                width: share(gap.width),
                height: "100%",
                fill: "url(#live-dashboard-gap)",
                title { {no_data(gap.gap.after, gap.gap.before, locale)} }
            }
        }
    }
}

/// A gap in words.
pub(super) fn no_data(after: f64, before: f64, locale: &Locale) -> String {
    let clock = |at: f64| locale.times.clock(at * 1000.0, true);
    format!("No data between {} and {}", clock(after), clock(before))
}
