//! The labels and newest values of the series, and the thresholds.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, ChartKind, Notation};

use super::{MAX_SERIES, value, written};
use crate::components::stat_card::{severity_name, severity_word};
use crate::model::Point;
use crate::model::format::Locale;
use crate::model::plot::Band;

pub(super) fn legend(
    chart: &Chart,
    newest: Option<&Point>,
    width: &'static str,
    locale: &Locale,
) -> Element {
    rsx! {
        ul { class: "legend", "data-width": width,
            for (n , series) in chart.series.iter().enumerate() {
                li {
                    {swatch(chart.kind, n)}
                    span { "{series.label()} " }
                    strong {
                        {written(chart, newest.and_then(|point| value(point, n)), locale)}
                    }
                }
            }
        }
    }
}

/// The thresholds: in the drawing, their names would cover data.
pub(super) fn limits(bands: &[Band], notation: &Notation, locale: &Locale) -> Element {
    rsx! {
        if !bands.is_empty() {
            ul { class: "limits",
                for band in bands {
                    li { "data-severity": severity_name(band.severity),
                        "{severity_word(band.severity)} {locale.value(notation, band.threshold)}"
                    }
                }
            }
        }
    }
}

/// A sample of a series' bar or line.
pub(super) fn swatch(kind: ChartKind, series: usize) -> Element {
    let class = format!("s{}", series % MAX_SERIES);
    rsx! {
        svg { class: "swatch", view_box: "0 0 20 10", "aria-hidden": "true",
            match kind {
                ChartKind::Points => rsx! { circle { class: "dot {class}", cx: "11", cy: "5" } },
                _ if kind.has_bars() => rsx! { rect { class: "bar {class}", x: "6", width: "10", height: "10", rx: "2" } },
                _ => rsx! { path { class: "line {class}", d: "M1 5h18" } },
            }
        }
    }
}
