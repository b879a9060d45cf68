//! Values as lines, each with its own colour and dashes. A line is interrupted
//! where there is no data.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Series;

use super::{MAX_SERIES, share, value};
use crate::model::format::plain;
use crate::model::plot::Plot;

/// The size of the view box.
const SIZE: f64 = 1000.0;

pub(super) fn lines(series: &[Series], plot: &Plot) -> Element {
    rsx! {
        // Stretched to the chart's size, but not the strokes' widths.
        svg { view_box: "0 0 1000 1000", "preserveAspectRatio": "none", width: "100%", height: "100%",
            for (n , series) in series.iter().enumerate() {
                path { class: "line s{n % MAX_SERIES}", "data-series": "{series.key}", d: path(plot, n) }
            }
        }
        // The newest value of each line.
        for (n , x , y) in (0..series.len()).filter_map(|n| newest(plot, n)) {
            circle { class: "dot s{n % MAX_SERIES}", cx: share(x), cy: share(y), r: "3.5" }
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

fn newest(plot: &Plot, series: usize) -> Option<(usize, f64, f64)> {
    let mark = plot.marks.last()?;
    let value = value(&mark.point, series)?;
    Some((series, mark.place, plot.depth(value)))
}
