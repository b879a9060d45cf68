//! The browser's local storage, clipboard and downloads.

use super::js::{call, get, global, new, object, set};
use js_sys::Array;
use wasm_bindgen::JsValue;

/// The text stored under a key.
pub fn stored(key: &str) -> Option<String> {
    let item = call(&global("localStorage"), "getItem", &[key.into()]);
    item.ok()?.as_string()
}

/// Stores a text under a key, if the browser allows it.
pub fn store(key: &str, text: &str) {
    let _ = call(
        &global("localStorage"),
        "setItem",
        &[key.into(), text.into()],
    );
}

/// Puts a text on the clipboard.
pub fn copy(text: &str) {
    let clipboard = get(&global("navigator"), "clipboard");
    let _ = call(&clipboard, "writeText", &[text.into()]);
}

/// Hands the viewer a file.
pub fn save(name: &str, text: &str) {
    let parts: Array = [JsValue::from_str(text)].iter().collect();
    let kind = object(&[("type", "text/csv".into())]);
    let file = new(&global("Blob"), &[parts.into(), kind]);
    let urls = global("URL");
    let address = file.and_then(|file| call(&urls, "createObjectURL", &[file]));
    let link = call(&global("document"), "createElement", &["a".into()]);
    if let (Ok(address), Ok(link)) = (address, link) {
        set(&link, "href", &address);
        set(&link, "download", &name.into());
        let _ = call(&link, "click", &[]);
        let _ = call(&urls, "revokeObjectURL", &[address]);
    }
}
