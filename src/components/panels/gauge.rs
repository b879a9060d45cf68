//! A number on a dial, with the ranges of its thresholds.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Better, Format, Panel};

use super::{Content, Scene};
use crate::components::stat_card::{severity_chip, severity_name};
use crate::model::format::plain;
use crate::model::trend::{Severity, panel_severity};

/// A half circle whose length counts as 100.
const DIAL: &str = "M10 50a40 40 0 0 1 80 0";
/// The same around it.
const RIM: &str = "M3.5 50a46.5 46.5 0 0 1 93 0";

pub(super) fn gauge(scene: &Scene) -> Content {
    scene.value(|value| {
        let panel = scene.panel;
        let number = value.number().unwrap_or_default();
        let severity = panel_severity(panel, value).unwrap_or_default();
        let (min, max) = ends(panel);
        let share = |number: f64| 100.0 * ((number - min) / (max - min)).clamp(0.0, 1.0);
        let notation = panel.notation();
        let formatted = scene.locale.symbols.value(&notation, number);
        let end = |number: f64| scene.locale.value(&notation, number);
        let content = rsx! {
            {severity_chip(severity, None)}
            div { class: "dial", dir: "ltr",
                svg { view_box: "0 0 100 54", "aria-hidden": "true",
                    path { class: "track", d: DIAL }
                    path {
                        class: "needle",
                        d: DIAL,
                        "pathLength": "100",
                        stroke_dasharray: [&plain(share(number), 2), " 200"].concat(),
                    }
                    for (severity , from , to) in zones(panel) {
                        path {
                            class: "zone",
                            "data-severity": severity_name(severity),
                            d: RIM,
                            "pathLength": "100",
                            stroke_dasharray: zone(share(from), share(to)),
                        }
                    }
                }
                for length in [formatted.value.len()] {
                    p { key: "{length}", class: "stat-value",
                        "{formatted.value}"
                        span { class: "unit", "{formatted.unit}" }
                    }
                }
                p { class: "ends",
                    span { {end(min)} }
                    span { {end(max)} }
                }
            }
        };
        (severity, content, plain(number, 6))
    })
}

/// The ends of the dial.
fn ends(panel: &Panel) -> (f64, f64) {
    let usual = if panel.format == Format::Percent {
        1.0
    } else {
        100.0
    };
    let min = panel.min.unwrap_or(0.0);
    let max = panel.max.unwrap_or(usual);
    (min, if max > min { max } else { min + usual })
}

/// The ranges beyond the thresholds.
fn zones(panel: &Panel) -> Vec<(Severity, f64, f64)> {
    let (min, max) = ends(panel);
    let mut end = match panel.better {
        Better::Higher => min,
        _ => max,
    };
    let mut zones = Vec::new();
    let thresholds = [
        (Severity::Critical, panel.critical),
        (Severity::Warning, panel.warning),
    ];
    for (severity, threshold) in thresholds {
        if let Some(threshold) = threshold {
            zones.push((severity, threshold.min(end), threshold.max(end)));
            end = threshold;
        }
    }
    zones
}

/// The dashes of a stroke that is visible between two shares.
fn zone(from: f64, to: f64) -> String {
    ["0 ", &plain(from, 2), " ", &plain(to - from, 2), " 200"].concat()
}
