//! The time of day in the dashboard's time zone, or one of its own.

use dioxus::prelude::*;

use super::{Content, Scene};
use crate::model::trend::Severity;

pub(super) fn clock(scene: &Scene) -> Content {
    let (times, now) = (&scene.locale.times, *scene.slices.now.read());
    let own = &scene.panel.time_zone;
    let time = match own {
        Some(zone) => times.clock_in(zone, now),
        None => times.clock(now, true),
    };
    let zone = own.clone().or(scene.slices.layout.read().time_zone.clone());
    let content = rsx! {
        p { class: "word", dir: "ltr", "{time}" }
        if let Some(zone) = zone {
            p { class: "rest", "{zone}" }
        }
    };
    (Severity::Ok, content, String::new())
}
