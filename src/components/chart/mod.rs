//! A chart: its series over time, and each value exactly.
//!
//! The drawing is SVG without a view box: places and sizes are percentages, and
//! corners and text keep their shape at any size. Parts without state are plain
//! functions, because each component makes the page larger. Time runs from left
//! to right in every language.

mod axes;
mod bars;
mod crosshair;
mod grid;
mod legend;
mod lines;
mod slide;
mod table;
mod zoom;

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Chart;
use live_dashboard_protocol::limits::MAX_SERIES;

use crate::components::ActionHandler;
use crate::components::chart::axes::{bands, gap_marks, times};
use crate::components::chart::bars::bars;
use crate::components::chart::crosshair::Crosshair;
use crate::components::chart::legend::{legend, limits};
use crate::components::chart::lines::lines;
use crate::components::chart::slide::Slide;
use crate::components::chart::table::DataTable;
use crate::components::chart::zoom::Zoom;
use crate::components::panels::{age, heading};
use crate::model::format::{self, Locale};
use crate::model::plot::Plot;
use crate::model::{Gap, Point, Range};
pub use grid::Charts;
pub(super) use grid::{ages, points};
pub(super) use table::number;

/// A chart's panel.
#[component]
pub fn ChartPanel(
    chart: Chart,
    /// How far back it reaches.
    range: Range,
    /// The points of that range, oldest first, their values in the order of
    /// the chart's series; see [`ChartHistory`](crate::model::ChartHistory).
    #[props(into)]
    points: Rc<Vec<Point>>,
    /// The periods with missing messages.
    gaps: Vec<Gap>,
    /// When its latest value was published if that is stale, in milliseconds since the Unix
    /// epoch by the viewer's clock.
    #[props(default)]
    stale_since: Option<f64>,
    /// The viewer's clock.
    now: Signal<f64>,
    locale: Locale,
    /// Whether single values can be read and copied.
    #[props(default = true)]
    interactive: bool,
    /// The time under the crosshair, in seconds since the Unix epoch, which all
    /// charts share.
    cursor: Signal<Option<f64>>,
    on_action: ActionHandler,
) -> Element {
    let offset = |at: f64| locale.times.utc_offset(at * 1000.0);
    // Which part is shown larger; `None` for all of the range.
    let mut zoom = use_signal(|| None::<Zoom>);
    let part = zoom
        .read()
        .and_then(|zoom| Some((zoom, zoom.points(range, &points)?)));
    let is_part = part.is_some();
    let (points, span) = match part {
        Some((zoom, part)) => (part, Some(zoom.to - zoom.from)),
        None => (points, range.seconds()),
    };
    let plot = Rc::new(Plot::new(&chart, span, &points, &gaps, offset));
    let mut last_slide = use_hook(|| CopyValue::new(Slide::default()));
    let slide = last_slide.read().next(&plot);
    last_slide.set(slide);
    let ticks: Vec<_> = match points.is_empty() {
        true => Vec::new(),
        false => plot.axis.ticks().collect(),
    };
    let notation = chart.notation();
    let label = |tick: &f64| {
        let symbols = &locale.symbols;
        match plot.axis.log {
            true => symbols.value(&notation, *tick).to_string(),
            false => symbols.tick(
                &notation,
                plot.axis_unit,
                tick * plot.axis_unit.0,
                plot.axis.decimals,
            ),
        }
    };
    let labels: Vec<_> = ticks.iter().map(label).collect();
    let (title, summary) = (chart.title.clone(), summary(&chart, &points, &locale));
    rsx! {
        section {
            class: "panel chart",
            "aria-label": "{title}",
            "data-stale": stale_since.map(|_| "true"),
            header { class: "panel-head",
                h2 { dir: "auto", {heading(&title, chart.link.as_deref())} }
                {legend(&chart, points.last(), label_width(&labels), &locale)}
                if !points.is_empty() {
                    {limits(&plot.bands, &notation, &locale)}
                }
                // Last: it moves nothing when it comes.
                {age(stale_since, now, &locale)}
            }
            div { class: "plot", dir: "ltr",
                div {
                    class: "ticks",
                    "aria-hidden": "true",
                    "data-width": label_width(&labels),
                    for label in &labels {
                        span { "{label}" }
                    }
                }
                div { class: "canvas",
                    svg { class: "drawing", role: "img", "aria-label": "{summary}",
                        if !points.is_empty() {
                            {bands(&plot.bands)}
                        }
                        for tick in &ticks {
                            {rule("gridline", plot.axis.depth(*tick))}
                        }
                        svg { class: "slide", x: slide.x(),
                            {gap_marks(&plot, slide, &locale)}
                            if chart.kind.has_bars() {
                                {bars(&chart, &plot, slide)}
                            }
                        }
                        if !chart.kind.has_bars() {
                            {lines(&chart, &plot)}
                        }
                        {rule("baseline", plot.axis.depth(0.0))}
                    }
                    if points.is_empty() {
                        p { class: "empty", "No points yet" }
                    } else if interactive {
                        Crosshair { chart: chart.clone(), plot: plot.clone(), locale: locale.clone(), cursor, range, zoom }
                        if is_part {
                            button {
                                r#type: "button",
                                class: "quiet unzoom",
                                onclick: move |_| zoom.set(None),
                                "Show all"
                            }
                        }
                    }
                }
                {times(&plot, slide, &locale)}
            }
            if interactive {
                DataTable { chart, points, gaps, locale, on_action }
            }
        }
    }
}

/// The room for the labels of the value axis and the values of the legend, which is
/// fixed so that a new one moves nothing: the stylesheet has a width for each.
fn label_width(labels: &[String]) -> &'static str {
    match labels.iter().map(|label| label.chars().count()).max() {
        None | Some(..7) => "narrow",
        Some(7..10) => "medium",
        Some(_) => "wide",
    }
}

/// A horizontal line.
fn rule(class: &'static str, depth: f64) -> Element {
    let depth = share(depth);
    rsx! {
        line { class, x1: "0", x2: "100%", y1: "{depth}", y2: "{depth}" }
    }
}

/// The chart in a sentence, for screen readers.
fn summary(chart: &Chart, points: &[Point], locale: &Locale) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return format!("{}: no points yet", chart.title);
    };
    let clock = |point: &Point| locale.times.clock(point.timestamp * 1000.0, true);
    let span = match points.len() {
        1 => format!("1 point at {}", clock(last)),
        n => format!("{n} points from {} to {}", clock(first), clock(last)),
    };
    let notation = chart.notation();
    let mut text = format!("{}: {span}.", chart.title);
    for (n, series) in chart.series.iter().enumerate() {
        let values = || points.iter().filter_map(|point| value(point, n));
        if let Some(newest) = values().next_back() {
            text.push_str(&format!(
                " {}: now {}, lowest {}, highest {}.",
                series.label(),
                locale.value(&notation, newest),
                locale.value(&notation, values().fold(f64::INFINITY, f64::min)),
                locale.value(&notation, values().fold(f64::NEG_INFINITY, f64::max)),
            ));
        }
    }
    text
}

fn value(point: &Point, series: usize) -> Option<f64> {
    point.values.get(series).copied().flatten()
}

/// A value for people; a dash for a missing one.
fn written(chart: &Chart, value: Option<f64>, locale: &Locale) -> String {
    value.map_or("–".to_owned(), |value| {
        locale.value(&chart.notation(), value)
    })
}

/// A share of a whole as a percentage.
pub(super) fn share(of: f64) -> String {
    format!("{}%", format::plain(of * 100.0, 3))
}
