//! A part of a chart that the viewer marked with the pointer to see it larger.

use std::rc::Rc;

use dioxus::prelude::*;

use super::share;
use crate::model::{Point, Range};

/// The narrowest part, as a fraction of the chart's width: less is a click.
const LEAST: f64 = 0.03;

/// From one time to another, in seconds since the Unix epoch, within a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Zoom {
    pub(super) range: Range,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Zoom {
    /// The points of the part; `None` if there are none, or the chart shows another
    /// range now.
    pub(super) fn points(self, range: Range, points: &[Point]) -> Option<Rc<Vec<Point>>> {
        let within = |point: &&Point| (self.from..=self.to).contains(&point.timestamp);
        let points: Vec<_> = points.iter().filter(within).cloned().collect();
        (self.range == range && !points.is_empty()).then(|| Rc::new(points))
    }
}

/// Where the pointer was pressed and where it is, as fractions of the chart's width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drag {
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Drag {
    /// The left and right edge; `None` for a click.
    pub(super) fn edges(self) -> Option<(f64, f64)> {
        let (left, right) = (self.start.min(self.end), self.start.max(self.end));
        (right - left > LEAST).then_some((left, right))
    }
}

/// The part that is being marked.
pub(super) fn selection(drag: Option<Drag>) -> Element {
    rsx! {
        if let Some((left, right)) = drag.and_then(Drag::edges) {
            svg { class: "cross", "aria-hidden": "true",
                rect { class: "selection", x: share(left), width: share(right - left), height: "100%" }
            }
        }
    }
}
