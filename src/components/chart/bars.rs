//! Values as bars: later series narrower in front of the first, on top of it, or
//! beside it.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, ChartKind};

use super::slide::Slide;
use super::{MAX_SERIES, share};
use crate::model::format;
use crate::model::plot::{Mark, Plot};

/// The fraction of its slot that a bar fills.
const FILL: f64 = 0.74;

/// The width of each further series' bars relative to the previous one.
const NARROWER: f64 = 0.62;

/// In slots below this fraction of the chart's width all bars are equally wide: the
/// narrower ones would be hairlines.
const NARROW_SLOT: f64 = 0.03;

/// The minimum height of a bar other than zero, as a fraction of the chart's, so
/// that a few errors among thousands of requests can be seen.
const MIN_HEIGHT: f64 = 0.01;

pub(super) fn bars(chart: &Chart, plot: &Plot, slide: Slide) -> Element {
    rsx! {
        for (n , series) in chart.series.iter().enumerate() {
            g { class: "bars s{n % MAX_SERIES}",
                for (mark , top , height) in plot.marks.iter().filter_map(|mark| bar(chart.kind, plot, mark, n)) {
                    rect {
                        key: "{seconds(mark.point.timestamp)}",
                        class: "bar",
                        "data-newest": is_newest(plot, mark).then_some("true"),
                        "data-timestamp": seconds(mark.point.timestamp),
                        "data-series": "{series.key}",
                        x: slide.share(mark.place + left(chart, plot, n)),
                        y: share(top),
                        width: share(width(chart, plot, n)),
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

fn width(chart: &Chart, plot: &Plot, series: usize) -> f64 {
    let all = plot.slot * FILL;
    match chart.kind {
        ChartKind::Grouped => all / chart.series.len() as f64,
        ChartKind::Bars if plot.slot > NARROW_SLOT => all * NARROWER.powi(series as i32),
        _ => all,
    }
}

/// The left edge of a series' bars, from the centre of their slots.
fn left(chart: &Chart, plot: &Plot, series: usize) -> f64 {
    let width = width(chart, plot, series);
    match chart.kind {
        ChartKind::Grouped => series as f64 * width - plot.slot * FILL / 2.0,
        _ => -width / 2.0,
    }
}

/// A mark's bar: its top and its height.
fn bar<'a>(
    kind: ChartKind,
    plot: &Plot,
    mark: &'a Mark,
    series: usize,
) -> Option<(&'a Mark, f64, f64)> {
    let value = super::value(&mark.point, series)?;
    let (ground, end) = plot.extent(kind, mark, series)?;
    let height = match value {
        0.0 => 0.0,
        _ => (end - ground).abs().max(MIN_HEIGHT),
    };
    let top = if value < 0.0 { ground } else { ground - height };
    Some((mark, top, height))
}

/// The point's timestamp as published, to the millisecond.
fn seconds(timestamp: f64) -> String {
    let decimals = if timestamp.fract() == 0.0 { 0 } else { 3 };
    format::plain(timestamp, decimals)
}
