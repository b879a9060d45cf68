//! The largest of several named numbers, with bars.

use dioxus::prelude::*;

use super::status::shape;
use super::table::and_more;
use super::{Content, Scene, changing_word};
use crate::components::chart::{number, share};
use crate::components::icon::icon;
use crate::components::stat_card::{severity_name, severity_word};
use crate::model::table::ranking;
use crate::model::trend::Severity;

pub(super) fn list(scene: &Scene) -> Content {
    scene.value(|value| {
        let (entries, more) = ranking(scene.panel, value);
        let largest = entries
            .iter()
            .fold(0.0, |most: f64, entry| most.max(entry.value.abs()));
        let width = |value: f64| match value.abs() / largest {
            width if width.is_finite() => share(width),
            _ => share(0.0),
        };
        let notation = scene.panel.notation();
        let mut data = String::new();
        for entry in &entries {
            data = data + &entry.name + "\t" + &number(entry.value) + "\n";
        }
        let worst = entries.first().map(|entry| entry.severity);
        let content = rsx! {
            ol { class: "ranking",
                for entry in &entries {
                    li { "data-severity": severity_name(entry.severity),
                        span { class: "rank-name", dir: "auto", "{entry.name}" }
                        if entry.severity != Severity::Ok {
                            span { class: "rank-state",
                                {icon(shape(Some(entry.severity)))}
                                span { class: "visually-hidden", {severity_word(entry.severity)} }
                            }
                        }
                        {changing_word("rank-value", &scene.locale.value(&notation, entry.value))}
                        svg { class: "rank-bar", "aria-hidden": "true",
                            rect { width: width(entry.value), height: "100%", rx: "2" }
                        }
                    }
                }
            }
            {and_more(more)}
        };
        (worst.unwrap_or_default(), content, data)
    })
}
