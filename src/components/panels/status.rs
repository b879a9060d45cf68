//! The states of several keys as tiles.

use dioxus::prelude::*;

use super::{Content, Scene};
use crate::components::icon::{Shape, icon};
use crate::components::stat_card::severity_name;
use crate::model::trend::{Severity, panel_severity};

pub(super) fn status(scene: &Scene) -> Content {
    let stats = scene.slices.stats.read();
    let mut worst = Severity::Ok;
    let mut data = String::new();
    let tiles = scene.panel.labels().map(|(key, label)| {
        let value = stats.value(scene.kind, key);
        let word = value.map_or_else(|| "–".to_owned(), |value| scene.word(value));
        let severity = value.and_then(|value| panel_severity(scene.panel, value));
        worst = worst.max(severity.unwrap_or_default());
        data = [&data, label, "\t", &word, "\n"].concat();
        (label, word, severity)
    });
    let tiles: Vec<_> = tiles.collect();
    let content = rsx! {
        ul { class: "tiles",
            for (label , word , severity) in &tiles {
                li { class: "tile", "data-severity": state_name(*severity),
                    {icon(shape(*severity))}
                    span { class: "tile-name", dir: "auto", "{label}" }
                    {super::changing_word("tile-word", word)}
                }
            }
        }
    };
    (worst, content, data)
}

/// A severity for stylesheets; `none` for a state that is neither good nor bad.
pub(super) fn state_name(severity: Option<Severity>) -> &'static str {
    severity.map_or("none", severity_name)
}

/// The icon of a severity.
pub(super) fn shape(severity: Option<Severity>) -> Shape {
    match severity {
        None => Shape::Live,
        Some(Severity::Ok) => Shape::Check,
        Some(Severity::Warning) => Shape::Warning,
        Some(Severity::Critical) => Shape::Error,
    }
}
