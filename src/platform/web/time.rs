//! The browser's timers and clocks.

use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/web/time.js")]
extern "C" {
    #[wasm_bindgen(js_name = sleep)]
    fn timer(milliseconds: u32) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page was loaded; never goes back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn monotonic() -> f64;
    /// Milliseconds since the Unix epoch.
    #[wasm_bindgen(js_namespace = Date)]
    pub fn now() -> f64;
    /// A random number in `0.0..1.0`.
    #[wasm_bindgen(js_namespace = Math)]
    pub fn random() -> f64;
}

/// Waits.
pub async fn sleep(duration: Duration) {
    // Browsers' timers have 31 bits.
    let milliseconds = duration.as_millis().min(i32::MAX as u128) as u32;
    let _ = timer(milliseconds).await;
}
