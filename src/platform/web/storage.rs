//! The browser's local storage and clipboard.

use super::js::{call, get, global};

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
