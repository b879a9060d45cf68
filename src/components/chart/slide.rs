//! What lets a new point cost little: drawn marks keep their coordinates, and one
//! attribute of the element around them moves them all to the left.

use super::share;
use crate::model::plot::{Mark, Plot};

/// Coordinates that grow without end are reset beyond this many widths.
const RESET: f64 = 50.0;

/// The distance between the places of a [`Plot`] and those in the document, as a
/// fraction of the chart's width.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Slide {
    offset: f64,
    slot: f64,
    /// A mark's timestamp, and its place in the document.
    newest: Option<(f64, f64)>,
}

impl Slide {
    /// The slide after this one: marks of `plot` that were there before keep
    /// their places in the document, if the chart's scale is the same.
    pub(super) fn next(self, plot: &Plot) -> Self {
        let moved = self.newest.and_then(|(timestamp, place)| {
            let is_known = |mark: &&Mark| mark.point.timestamp == timestamp;
            let known = plot.marks.iter().rev().find(is_known)?;
            Some(place - known.place)
        });
        let same_scale = (self.slot - plot.slot).abs() < 1e-9;
        let offset = moved.filter(|offset| same_scale && *offset < RESET);
        let offset = offset.unwrap_or_default();
        let newest = plot.marks.last();
        Self {
            offset,
            slot: plot.slot,
            newest: newest.map(|mark| (mark.point.timestamp, mark.place + offset)),
        }
    }

    /// The `x` of the element around the marks.
    pub(super) fn x(self) -> String {
        share(-self.offset)
    }

    /// A place in it.
    pub(super) fn share(self, place: f64) -> String {
        share(place + self.offset)
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::layout::Layout;

    use super::*;
    use crate::model::{Point, Range};

    fn plot(times: std::ops::Range<u32>) -> Plot {
        let points: Vec<_> = times
            .map(|n| Point {
                timestamp: f64::from(n),
                values: vec![Some(1.0), None],
            })
            .collect();
        let chart = &Layout::default().chart[0];
        Plot::new(chart, Range::Latest.seconds(), &points, &[], |_| 0)
    }

    #[test]
    fn marks_keep_their_places_when_points_come() {
        let mut slide = Slide::default().next(&plot(0..20));
        assert_eq!(slide.x(), "0.000%");
        let place = |slide: Slide, plot: &Plot, at: f64| {
            let mut marks = plot.marks.iter();
            let mark = marks.find(|mark| mark.point.timestamp == at);
            slide.share(mark.expect("a mark").place)
        };
        let before = place(slide, &plot(0..20), 15.0);
        for n in 1..15 {
            let plot = plot(n..20 + n);
            slide = slide.next(&plot);
            assert_eq!(place(slide, &plot, 15.0), before);
        }
        assert_eq!(slide.x(), "-70.000%");
    }

    #[test]
    fn coordinates_are_reset_now_and_then_and_with_the_scale() {
        let mut slide = Slide::default();
        for n in 0..5000 {
            slide = slide.next(&plot(n..20 + n));
            assert!(slide.offset < RESET);
        }
        let slide = slide.next(&plot(4990..5020));
        assert_eq!(slide.x(), "0.000%", "the slots are narrower");
        assert_eq!(slide.next(&plot(9000..9030)).x(), "0.000%", "all new");
    }
}
