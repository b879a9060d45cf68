//! The time of day in the dashboard's time zone.

use dioxus::prelude::*;

use super::{Content, Scene};
use crate::model::trend::Severity;

pub(super) fn clock(scene: &Scene) -> Content {
    let time = scene.locale.times.clock(*scene.slices.now.read(), true);
    let zone = scene.slices.layout.read().time_zone.clone();
    let content = rsx! {
        p { class: "word", dir: "ltr", "{time}" }
        if let Some(zone) = zone {
            p { class: "rest", "{zone}" }
        }
    };
    (Severity::Ok, content, String::new())
}
