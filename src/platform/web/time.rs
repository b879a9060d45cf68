//! The browser's timers and clocks.

use std::time::Duration;

use js_sys::{Date, Function, Promise};

use super::window;

/// Waits.
pub async fn sleep(duration: Duration) {
    let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    let _ = Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds)).await;
}

fn set_timeout(resolve: &Function, milliseconds: i32) {
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(resolve, milliseconds);
}

/// Milliseconds since the Unix epoch.
pub fn now() -> f64 {
    Date::now()
}

/// Milliseconds since the page was loaded; never goes back.
pub fn monotonic() -> f64 {
    window().performance().map_or_else(now, |clock| clock.now())
}

/// A random number in `0.0..1.0`.
pub fn random() -> f64 {
    js_sys::Math::random()
}
