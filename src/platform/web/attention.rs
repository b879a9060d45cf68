//! Notifications, sound, a screen that stays on, and the tab's icon: each where the browser
//! and the viewer allow it.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen(module = "/src/platform/web/attention.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = mayNotify)]
    fn ask() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = notify)]
    fn show(title: &str, body: &str, tag: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = chime)]
    fn play() -> Result<(), JsValue>;
    /// Sets the icon in the page's tab, an SVG image, unless it is set already.
    #[wasm_bindgen(js_name = setIcon)]
    pub fn set_icon(svg: &str);

    #[wasm_bindgen(catch, js_name = keepScreenOn)]
    fn keep_screen_on() -> Result<Promise, JsValue>;
    type Sentinel;
    #[wasm_bindgen(method, catch)]
    fn release(this: &Sentinel) -> Result<JsValue, JsValue>;
}

/// Whether the page may show notifications; asks the viewer if they have not
/// decided yet.
pub async fn may_notify() -> bool {
    match ask() {
        Ok(answer) => answer.await.is_ok_and(|answer| answer == true),
        Err(_) => false,
    }
}

/// Shows a system notification if the viewer allows it, in place of an earlier
/// one with the same tag.
pub fn notify(title: &str, body: &str, tag: &str) {
    let _ = show(title, body, tag);
}

/// Plays two short tones, if the browser allows sound.
pub fn chime() {
    let _ = play();
}

/// Keeps the screen on, until it is dropped or the page is hidden.
pub struct WakeLock(Sentinel);

impl WakeLock {
    /// Requests the lock; `None` if the browser does not allow it.
    pub async fn request() -> Option<Self> {
        let sentinel = keep_screen_on().ok()?.await.ok()?;
        Some(Self(sentinel.unchecked_into()))
    }
}

impl Drop for WakeLock {
    fn drop(&mut self) {
        let _ = self.0.release();
    }
}
