//! Values as lines, each with its own colour and dashes, as areas below them, or as
//! points. A line is interrupted where there is no data.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, ChartKind};

use super::{MAX_SERIES, share, value};
use crate::model::format::plain;
use crate::model::plot::Plot;

/// The size of the view box.
const SIZE: f64 = 1000.0;

pub(super) fn lines(chart: &Chart, plot: &Plot) -> Element {
    if chart.kind == ChartKind::Points {
        return points(chart, plot);
    }
    let series = &chart.series;
    let ground = plain(plot.depth(0.0) * SIZE, 1);
    rsx! {
        // Stretched to the chart's size, but not the strokes' widths.
        svg { view_box: "0 0 1000 1000", "preserveAspectRatio": "none", width: "100%", height: "100%",
            if chart.kind == ChartKind::Areas {
                for n in 0..series.len() {
                    path { class: "area s{n % MAX_SERIES}", d: area(plot, n, &ground) }
                }
            }
            for (n , series) in series.iter().enumerate() {
                path { class: "line s{n % MAX_SERIES}", "data-series": "{series.key}", d: path(plot, n) }
            }
        }
        // The newest value of each line.
        for (n , x , y) in (0..series.len()).filter_map(|n| newest(plot, n)) {
            circle { class: "dot s{n % MAX_SERIES}", cx: share(x), cy: share(y) }
        }
    }
}

fn path(plot: &Plot, series: usize) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for mark in &plot.marks {
        let Some(value) = value(&mark.point, series) else {
            pen_down = false;
            continue;
        };
        let to = if pen_down && !mark.after_gap {
            'L'
        } else {
            'M'
        };
        path.push(to);
        path += &plain(mark.place * SIZE, 1);
        path.push(' ');
        path += &plain(plot.depth(value) * SIZE, 1);
        if to == 'M' {
            // A short stroke, so that a single point is visible.
            path.push_str("h.1");
        }
        pen_down = true;
    }
    path
}

/// The region between a series' line and the ground.
fn area(plot: &Plot, series: usize, ground: &str) -> String {
    let mut area = String::new();
    let mut start = String::new();
    let mut last = None;
    for mark in &plot.marks {
        let value = value(&mark.point, series);
        if value.is_none() || mark.after_gap {
            close_area(&mut area, last.take(), ground, &start);
        }
        let Some(value) = value else { continue };
        let x = plain(mark.place * SIZE, 1);
        if last.is_none() {
            start.clone_from(&x);
            area += &["M", &x, " ", ground].concat();
        }
        area += &["L", &x, " ", &plain(plot.depth(value) * SIZE, 1)].concat();
        last = Some(x);
    }
    close_area(&mut area, last, ground, &start);
    area
}

fn close_area(area: &mut String, last: Option<String>, ground: &str, start: &str) {
    if let Some(x) = last {
        *area += &["L", &x, " ", ground, "H", start, "Z"].concat();
    }
}

fn points(chart: &Chart, plot: &Plot) -> Element {
    rsx! {
        for n in 0..chart.series.len() {
            for mark in &plot.marks {
                if let Some(value) = value(&mark.point, n) {
                    circle { class: "dot s{n % MAX_SERIES}", cx: share(mark.place), cy: share(plot.depth(value)) }
                }
            }
        }
    }
}

fn newest(plot: &Plot, series: usize) -> Option<(usize, f64, f64)> {
    let mark = plot.marks.last()?;
    let value = value(&mark.point, series)?;
    Some((series, mark.place, plot.depth(value)))
}
