//! The chart's points as a table, to read and to copy.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Chart;

use super::axes::no_data;
use super::{value, written};
use crate::components::ActionHandler;
use crate::components::buttons::ask;
use crate::model::format::{self, Locale};
use crate::model::{Action, Gap, Point};

/// A table whose rows are only there while it is open.
#[component]
pub(super) fn DataTable(
    chart: Chart,
    points: Rc<Vec<Point>>,
    gaps: Vec<Gap>,
    locale: Locale,
    on_action: ActionHandler,
) -> Element {
    let mut open = use_signal(|| false);
    // What was copied; differs once there are new points.
    let copied = use_signal(String::new);
    rsx! {
        details { class: "data", open: *open.read(),
            summary {
                onclick: move |event| {
                    event.prevent_default();
                    open.toggle();
                },
                "Data table"
            }
            if *open.read() {
                {rows(&chart, &points, &gaps, &locale, copied, on_action)}
            }
        }
    }
}

/// The points, newest first, and the gaps between them.
fn rows(
    chart: &Chart,
    points: &[Point],
    gaps: &[Gap],
    locale: &Locale,
    mut copied: Signal<String>,
    on_action: ActionHandler,
) -> Element {
    let text = tab_separated(chart, points);
    let word = match *copied.read() == text {
        true => "Copied",
        false => "Copy",
    };
    let file = Action::Save(chart.title.clone(), text.clone());
    let save = ask(on_action, file);
    let copy = move |_| {
        on_action.call(Action::Copy(text.clone()));
        copied.set(text.clone());
    };
    let gap_before = |n: usize| {
        let point = &points[n];
        let from = n
            .checked_sub(1)
            .map_or(point.timestamp, |n| points[n].timestamp);
        let within = |gap: &&Gap| gap.after < point.timestamp && gap.before > from;
        gaps.iter().find(within)
    };
    rsx! {
        div { class: "data-rows", tabindex: "0", role: "region", "aria-label": "{chart.title}: data",
            table {
                thead {
                    tr {
                        th { scope: "col", "Time" }
                        for series in &chart.series {
                            th { scope: "col", "{series.label()}" }
                        }
                    }
                }
                tbody {
                    for (n , point) in points.iter().enumerate().rev() {
                        tr {
                            th { scope: "row", "{locale.times.moment(point.timestamp * 1000.0)}" }
                            for series in 0..chart.series.len() {
                                td { {written(chart, value(point, series), locale)} }
                            }
                        }
                        if let Some(gap) = gap_before(n) {
                            tr {
                                td { colspan: "{chart.series.len() + 1}", "{no_data(gap.after, gap.before, locale)}" }
                            }
                        }
                    }
                }
            }
        }
        button { r#type: "button", class: "quiet", onclick: copy, "{word}" }
        button { r#type: "button", class: "quiet", onclick: save, "Save as CSV" }
        span { class: "visually-hidden", role: "status", if word == "Copied" { "{word}" } }
    }
}

/// A number with up to six decimals, without trailing zeros.
pub(crate) fn number(value: f64) -> String {
    let mut text = format::plain(value, 6);
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// The points as tab-separated text for a spreadsheet, newest first.
fn tab_separated(chart: &Chart, points: &[Point]) -> String {
    let mut text = "time".to_owned();
    for series in &chart.series {
        text = text + "\t" + &series.key;
    }
    for point in points.iter().rev() {
        text = text + "\n" + &format::rfc3339(point.timestamp * 1000.0);
        for series in 0..chart.series.len() {
            text.push('\t');
            if let Some(value) = value(point, series) {
                text += &number(value);
            }
        }
    }
    text
}
