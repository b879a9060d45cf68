//! Values as bars, the first series at the back, later ones narrower in front.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Series;

use super::slide::Slide;
use super::{MAX_SERIES, share};
use crate::model::format;
use crate::model::plot::{Mark, Plot};

/// The fraction of its slot that a bar fills.
const FILL: f64 = 0.74;

/// The width of each further series' bars relative to the previous one.
const NARROWER: f64 = 0.62;

/// The minimum height of a bar other than zero, as a fraction of the chart's, so
/// that a few errors among thousands of requests can be seen.
const MIN_HEIGHT: f64 = 0.01;

pub(super) fn bars(series: &[Series], plot: &Plot, slide: Slide) -> Element {
    rsx! {
        for (n , series) in series.iter().enumerate() {
            g { class: "bars s{n % MAX_SERIES}",
                for (mark , top , height) in plot.marks.iter().filter_map(|mark| bar(plot, mark, n)) {
                    rect {
                        key: "{seconds(mark.point.timestamp)}",
                        class: "bar",
                        "data-newest": is_newest(plot, mark).then_some("true"),
                        "data-timestamp": seconds(mark.point.timestamp),
                        "data-series": "{series.key}",
                        x: slide.share(mark.place - width(plot, n) / 2.0),
                        y: share(top),
                        width: share(width(plot, n)),
                        height: share(height),
                        rx: "2",
                    }
                }
            }
        }
    }
}

fn is_newest(plot: &Plot, mark: &Mark) -> bool {
    let newest = plot.marks.last();
    newest.is_some_and(|newest| newest.point.timestamp == mark.point.timestamp)
}

fn width(plot: &Plot, series: usize) -> f64 {
    plot.slot * FILL * NARROWER.powi(series as i32)
}

/// A mark's bar: its top and its height.
fn bar<'a>(plot: &Plot, mark: &'a Mark, series: usize) -> Option<(&'a Mark, f64, f64)> {
    let value = super::value(&mark.point, series)?;
    let ground = plot.depth(0.0);
    let height = (plot.depth(value) - ground).abs();
    let height = if value == 0.0 {
        0.0
    } else {
        height.max(MIN_HEIGHT)
    };
    let top = if value < 0.0 { ground } else { ground - height };
    Some((mark, top, height))
}

/// The point's timestamp as published, to the millisecond.
fn seconds(timestamp: f64) -> String {
    let decimals = if timestamp.fract() == 0.0 { 0 } else { 3 };
    format::plain(timestamp, decimals)
}
