//! A clock.

use std::time::Duration;

use dioxus::prelude::*;

use crate::platform;

/// Milliseconds since the Unix epoch by the viewer's clock, updated each second.
pub(crate) fn use_now() -> Signal<f64> {
    use_hook(|| {
        let mut now = Signal::new(platform::now());
        spawn(async move {
            loop {
                platform::sleep(Duration::from_secs(1)).await;
                now.set(platform::now());
            }
        });
        now
    })
}
