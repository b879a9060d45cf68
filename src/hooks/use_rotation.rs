//! The dashboards of a wall, in turn.

use dioxus::prelude::*;

use super::use_value;
use crate::config::Rotation;
use crate::platform;

/// Sets `chosen` to the next dashboard each time one has been shown long enough.
pub(crate) fn use_rotation(rotation: Option<Rotation>, mut chosen: Signal<Option<Option<String>>>) {
    use_value(|| {
        let rotation = rotation.filter(|rotation| rotation.dashboards.len() > 1)?;
        Some(spawn(async move {
            for name in rotation.dashboards.iter().cycle().skip(1) {
                platform::sleep(rotation.pause).await;
                chosen.set(Some(Some(name.clone())));
            }
        }))
    });
}
