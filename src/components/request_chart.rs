//! The last points as bars.
//!
//! The drawing is SVG without a view box: places and sizes are shares of the
//! box, corners and text are in its own units, so that nothing is stretched.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, Format, Series};

use crate::components::svg_title::svg_title;
use crate::model::{Axis, Point, format};

/// How much of its slot a bar fills.
const FILL: f64 = 0.72;

/// The least height of a bar that stands for something, as a share of the
/// chart's: a few errors among thousands of requests must not vanish.
const LEAST: f64 = 0.01;

/// How many colours there are for series.
const COLOURS: usize = 6;

/// A chart of bars: the first series at the back, later ones in front of it.
/// The newest point stands at the right edge.
#[component]
pub fn RequestChart(
    chart: Chart,
    /// The points to show, oldest first, their values in the order of the
    /// chart's series; see [`ChartHistory::latest`](crate::model::ChartHistory::latest).
    points: Vec<Point>,
    /// The viewer's offset from UTC in minutes, east positive.
    utc_offset_minutes: i32,
) -> Element {
    let axis = Axis::new(
        points
            .iter()
            .flat_map(|point| &point.values)
            .flatten()
            .copied(),
    );
    let slots = chart.points.min(Chart::MAX_POINTS).max(points.len()).max(1);
    let ticks: Vec<_> = match points.is_empty() {
        true => Vec::new(),
        false => axis.ticks().collect(),
    };
    let clock = |point: &Point| format::time_of_day(point.timestamp * 1000.0, utc_offset_minutes);
    rsx! {
        section { class: "panel chart", "aria-label": "{chart.title}",
            header { class: "panel-head",
                h2 { "{chart.title}" }
                Legend { series: chart.series.clone(), latest: points.last().cloned() }
            }
            div { class: "plot",
                div { class: "ticks", "aria-hidden": "true",
                    for tick in &ticks {
                        span { "{format::fixed(*tick, axis.decimals)}" }
                    }
                }
                div { class: "canvas",
                    svg { class: "bars", role: "img", "aria-label": summary(&chart, &points, clock),
                        for tick in &ticks {
                            Rule { class: "gridline", depth: axis.depth(*tick) }
                        }
                        for (n , point) in points.iter().enumerate() {
                            g { class: "slot",
                                {svg_title(exact(&chart.series, point, &clock(point)))}
                                rect {
                                    class: "reach",
                                    x: share(slot(n, points.len(), slots)),
                                    y: "0",
                                    width: share(1.0 / slots as f64),
                                    height: "100%",
                                }
                                for bar in bars(&chart.series, point, &axis) {
                                    rect {
                                        class: "bar s{bar.colour}",
                                        "data-timestamp": seconds(point),
                                        "data-series": "{bar.series}",
                                        x: share(slot(n, points.len(), slots) + (1.0 - FILL) / 2.0 / slots as f64),
                                        y: share(bar.top),
                                        width: share(FILL / slots as f64),
                                        height: share(bar.height),
                                        rx: "2",
                                    }
                                }
                            }
                        }
                        Rule { class: "baseline", depth: axis.depth(0.0) }
                    }
                    if points.is_empty() {
                        p { class: "empty", "No points yet" }
                    }
                }
                svg { class: "times", "aria-hidden": "true",
                    for label in labels(points.len(), slots) {
                        text {
                            class: if label.minor { "minor" },
                            x: share(label.place),
                            y: "1em",
                            text_anchor: label.anchor,
                            "{clock(&points[label.point])}"
                        }
                    }
                }
            }
        }
    }
}

/// A line across the chart.
#[component]
fn Rule(class: &'static str, depth: f64) -> Element {
    rsx! {
        line { class, x1: "0", x2: "100%", y1: share(depth), y2: share(depth) }
    }
}

/// The series' names and newest values.
#[component]
fn Legend(series: Vec<Series>, latest: Option<Point>) -> Element {
    rsx! {
        ul { class: "legend",
            for (n , series) in series.iter().enumerate() {
                li {
                    svg { class: "swatch", view_box: "0 0 10 10", "aria-hidden": "true",
                        rect { class: "s{n % COLOURS}", width: "10", height: "10", rx: "2" }
                    }
                    "{series.label()} "
                    strong {
                        {latest.as_ref().and_then(|point| value(point, n)).map_or("–".to_owned(), number)}
                    }
                }
            }
        }
    }
}

/// One bar of a slot; places are shares of the chart's height.
struct Bar<'a> {
    series: &'a str,
    colour: usize,
    top: f64,
    height: f64,
}

fn bars<'a>(series: &'a [Series], point: &Point, axis: &Axis) -> Vec<Bar<'a>> {
    let ground = axis.depth(0.0);
    let bar = |(n, (series, value)): (usize, (&'a Series, &Option<f64>))| {
        let value = (*value)?;
        let end = axis.depth(value);
        let height = (end - ground).abs();
        let height = if value == 0.0 { 0.0 } else { height.max(LEAST) };
        Some(Bar {
            series: &series.key,
            colour: n % COLOURS,
            top: if value < 0.0 { ground } else { ground - height },
            height,
        })
    };
    let values = series.iter().zip(&point.values);
    values.enumerate().filter_map(bar).collect()
}

/// The left edge of a point's slot, as a share of the width.
fn slot(point: usize, points: usize, slots: usize) -> f64 {
    (slots - points + point) as f64 / slots as f64
}

/// One time under the chart.
struct Label {
    point: usize,
    place: f64,
    anchor: &'static str,
    /// Left away where there is little room.
    minor: bool,
}

/// Five places along the whole width, those that have a point.
fn labels(points: usize, slots: usize) -> Vec<Label> {
    let empty = slots - points;
    let label = |n: usize| {
        let place = n * (slots - 1) / 4;
        Some(Label {
            point: place.checked_sub(empty)?,
            place: match n {
                0 => 0.0,
                4 => 1.0,
                _ => (place as f64 + 0.5) / slots as f64,
            },
            anchor: match n {
                0 => "start",
                4 => "end",
                _ => "middle",
            },
            minor: n % 2 == 1,
        })
    };
    // With fewer slots than labels the places would fall together.
    let steps = if slots < 5 { 4..5 } else { 0..5 };
    steps.filter_map(label).collect()
}

/// The chart in a sentence, for those who do not see it.
fn summary(chart: &Chart, points: &[Point], clock: impl Fn(&Point) -> String) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return format!("{}: no points yet", chart.title);
    };
    let span = match points.len() {
        1 => format!("1 point at {}", clock(last)),
        n => format!("{n} points from {} to {}", clock(first), clock(last)),
    };
    let mut text = format!("{}: {span}.", chart.title);
    for (n, series) in chart.series.iter().enumerate() {
        let values = || points.iter().filter_map(|point| value(point, n));
        if let Some(newest) = values().next_back() {
            text.push_str(&format!(
                " {}: now {}, lowest {}, highest {}.",
                series.label(),
                number(newest),
                number(values().fold(f64::INFINITY, f64::min)),
                number(values().fold(f64::NEG_INFINITY, f64::max)),
            ));
        }
    }
    text
}

/// A point's exact values, a line each.
fn exact(series: &[Series], point: &Point, time: &str) -> String {
    let mut text = time.to_owned();
    for (series, value) in series.iter().zip(&point.values) {
        if let Some(value) = value {
            text.push_str(&format!("\n{}: {}", series.label(), number(*value)));
        }
    }
    text
}

fn value(point: &Point, series: usize) -> Option<f64> {
    point.values.get(series).copied().flatten()
}

fn number(value: f64) -> String {
    format::value(Format::Decimal, value).to_string()
}

fn share(of: f64) -> String {
    format!("{}%", format::plain(of * 100.0, 3))
}

/// The point's timestamp as it was published, to the millisecond.
fn seconds(point: &Point) -> String {
    let decimals = if point.timestamp.fract() == 0.0 { 0 } else { 3 };
    format::plain(point.timestamp, decimals)
}
