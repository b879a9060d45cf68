//! The exact values at one time, by pointer, touch or keyboard.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Chart;

use super::legend::swatch;
use super::zoom::{Drag, Zoom};
use super::{MAX_SERIES, share, value, written, zoom};
use crate::model::Range;
use crate::model::format::Locale;
use crate::model::plot::Plot;

/// An overlay that finds the mark under the pointer, and a slider along the marks
/// for keyboards and screen readers.
#[component]
pub(super) fn Crosshair(
    chart: Chart,
    plot: Rc<Plot>,
    locale: Locale,
    cursor: Signal<Option<f64>>,
    /// How far back the chart reaches.
    range: Range,
    zoom: Signal<Option<Zoom>>,
) -> Element {
    let mut drag = use_signal(|| None::<Drag>);
    let mut width = use_hook(|| CopyValue::new(0.0));
    let last = plot.marks.len().saturating_sub(1);
    let active = cursor.read().and_then(|at| plot.at(at));
    let at = active.unwrap_or(last);
    let value_text = describe(&chart, &plot, at, &locale);
    let label = format!("{}, point by point", chart.title);
    let mut go = {
        let plot = plot.clone();
        move |mark: Option<usize>| {
            let mark = mark.and_then(|mark| plot.marks.get(mark));
            cursor.set(mark.map(|mark| mark.point.timestamp));
        }
    };
    let (mut go_by_touch, mut go_by_key, mut go_to_last) = (go.clone(), go.clone(), go.clone());
    let under = {
        let plot = plot.clone();
        move |event: &PointerData| plot.nearest(event.element_coordinates().x / *width.read())
    };
    let touched = under.clone();
    let place = move |event: &PointerData| event.element_coordinates().x / *width.read();
    let marked = plot.clone();
    let mut release = move || {
        let edges = drag.take().and_then(Drag::edges);
        let at = |place| Some(marked.marks[marked.nearest(place)?].point.timestamp);
        if let Some((from, to)) = edges.and_then(|(left, right)| at(left).zip(at(right))) {
            zoom.set(Some(Zoom { range, from, to }));
        }
    };
    rsx! {
        input {
            class: "slider",
            r#type: "range",
            min: "1",
            max: "{last + 1}",
            value: "{at + 1}",
            "aria-label": "{label}",
            "aria-valuetext": "{value_text}",
            oninput: move |event| {
                if let Ok(place) = event.value().parse::<usize>() {
                    go_by_key(place.checked_sub(1));
                }
            },
            onfocus: move |_| {
                if active.is_none() {
                    go_to_last(Some(last));
                }
            },
            onblur: move |_| cursor.set(None),
        }
        div {
            class: "pointer",
            "aria-hidden": "true",
            onresize: move |event| {
                if let Ok(size) = event.get_border_box_size() {
                    width.set(size.width);
                }
            },
            onpointerdown: move |event| {
                go_by_touch(touched(&event));
                if event.pointer_type() == "mouse" {
                    let start = place(&event);
                    drag.set(Some(Drag { start, end: start }));
                }
            },
            onpointermove: move |event| {
                go(under(&event));
                let pressed = *drag.peek();
                if let Some(pressed) = pressed {
                    drag.set(Some(Drag { end: place(&event), ..pressed }));
                }
            },
            onpointerup: move |_| release(),
            onpointerleave: move |event| {
                // A finger also leaves when it is lifted.
                if event.pointer_type() == "mouse" {
                    cursor.set(None);
                    drag.set(None);
                }
            },
        }
        {zoom::selection(*drag.read())}
        if let Some(mark) = active {
            {reading(&chart, &plot, mark, &locale)}
        }
    }
}

/// The line at a mark, and its values.
fn reading(chart: &Chart, plot: &Plot, mark: usize, locale: &Locale) -> Element {
    let shown = &plot.marks[mark];
    let place = share(shown.place);
    rsx! {
        svg { class: "cross", "aria-hidden": "true",
            line { x1: "{place}", x2: "{place}", y1: "0", y2: "100%" }
            for (n , (_ , end)) in (0..chart.series.len()).filter_map(|n| Some((n, plot.extent(chart.kind, shown, n)?))) {
                circle { class: "dot s{n % MAX_SERIES}", cx: "{place}", cy: share(end) }
            }
        }
        div {
            class: "reading",
            "aria-hidden": "true",
            "data-side": if shown.place > 0.5 { "left" } else { "right" },
            left: "{place}",
            p { class: "reading-time", {when(plot, mark, locale)} }
            for (n , series) in chart.series.iter().enumerate() {
                p {
                    {swatch(chart.kind, n)}
                    span { "{series.label()}" }
                    strong { {written(chart, value(&shown.point, n), locale)} }
                }
            }
        }
    }
}

/// A mark's time and values in words.
fn describe(chart: &Chart, plot: &Plot, mark: usize, locale: &Locale) -> String {
    let Some(shown) = plot.marks.get(mark) else {
        return String::new();
    };
    let mut text = when(plot, mark, locale);
    for (n, series) in chart.series.iter().enumerate() {
        if let Some(value) = value(&shown.point, n) {
            text += &format!(
                ", {} {}",
                series.label(),
                locale.value(&chart.notation(), value)
            );
        }
    }
    text
}

/// A mark's time, and the length of the period that it is the peak of.
fn when(plot: &Plot, mark: usize, locale: &Locale) -> String {
    let at = plot.marks[mark].point.timestamp;
    let mut when = locale.times.clock(at * 1000.0, true);
    if plot.by_day {
        when = [&locale.times.day(at * 1000.0), " ", &when].concat();
    }
    if let Some(seconds) = plot.peak_of {
        when += &format!(", peak of {} s", seconds as u32);
    }
    when
}
