//! A clock.

use std::time::Duration;

use dioxus::prelude::*;

use crate::platform;

/// Milliseconds since the Unix epoch by the viewer's clock, updated each second;
/// `drawn_at` in the first draw.
pub(crate) fn use_now(drawn_at: Option<f64>) -> Signal<f64> {
    use_hook(|| {
        let mut now = Signal::new(drawn_at.unwrap_or_else(platform::now));
        spawn(async move {
            if drawn_at.is_some() {
                now.set(platform::now());
            }
            loop {
                platform::sleep(Duration::from_secs(1)).await;
                now.set(platform::now());
            }
        });
        now
    })
}
