//! The largest of several named numbers, with bars.

use dioxus::prelude::*;
use live_dashboard_protocol::json::Json;

use super::table::and_more;
use super::{Content, Scene, changing_word};
use crate::components::chart::{number, share};
use crate::components::stat_card::severity_name;
use crate::model::table::ranking;
use crate::model::trend::{Severity, panel_severity};

pub(super) fn list(scene: &Scene) -> Content {
    scene.value(|value| {
        let (entries, more) = ranking(scene.panel, value);
        let largest = entries
            .iter()
            .fold(0.0, |most: f64, (_, value)| most.max(value.abs()));
        let width = |value: f64| match value.abs() / largest {
            width if width.is_finite() => share(width),
            _ => share(0.0),
        };
        let severity = |value: f64| {
            let severity = panel_severity(scene.panel, &Json::Number(value));
            severity_name(severity.unwrap_or_default())
        };
        let notation = scene.panel.notation();
        let mut data = String::new();
        for (name, value) in &entries {
            data = data + name + "\t" + &number(*value) + "\n";
        }
        let content = rsx! {
            ol { class: "ranking",
                for (name , value) in &entries {
                    li { "data-severity": severity(*value),
                        span { class: "rank-name", dir: "auto", "{name}" }
                        {changing_word("rank-value", &scene.locale.value(&notation, *value))}
                        svg { "aria-hidden": "true",
                            rect { width: width(*value), height: "100%", rx: "2" }
                        }
                    }
                }
            }
            {and_more(more)}
        };
        (Severity::Ok, content, data)
    })
}
