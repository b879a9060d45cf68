//! The browser's local storage, clipboard and downloads, where it allows them.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/web/storage.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = stored)]
    fn read(key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_name = store)]
    fn write(key: &str, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = copy)]
    fn write_text(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = save)]
    fn download(name: &str, text: &str) -> Result<(), JsValue>;
}

/// The text stored under a key.
pub fn stored(key: &str) -> Option<String> {
    read(key).unwrap_or_default()
}

/// Stores a text under a key.
pub fn store(key: &str, text: &str) {
    let _ = write(key, text);
}

/// Puts a text on the clipboard.
pub fn copy(text: &str) {
    let _ = write_text(text);
}

/// Hands the viewer a file.
pub fn save(name: &str, text: &str) {
    let _ = download(name, text);
}
