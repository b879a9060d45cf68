//! The page around the dashboard.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{CssStyleSheet, UrlSearchParams};

use super::events::Listener;
use super::{js, window};

/// A parameter in the query of the page's address.
pub fn query_parameter(name: &str) -> Option<String> {
    query()?.get(name)
}

/// The page's address up to its last `/`: a proxy may serve the hub below a path.
pub fn page_directory() -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    format!("{origin}{directory}")
}

/// The query of the page's address without the dashboard's name.
pub fn other_settings() -> Option<String> {
    let query = query()?;
    query.delete("dashboard");
    Some(query.to_string().into())
}

fn query() -> Option<UrlSearchParams> {
    let query = window().location().search().unwrap_or_default();
    UrlSearchParams::new_with_str(&query).ok()
}

/// Sets the page's title, unless it is set already.
pub fn set_title(title: &str) {
    if let Some(document) = window().document()
        && document.title() != title
    {
        document.set_title(title);
    }
}

/// Moves the keyboard focus to the first element that matches a selector.
pub fn focus(selector: &str) {
    if let Ok(element) = js::call(&js::global("document"), "querySelector", &[selector.into()]) {
        let _ = js::call(&element, "focus", &[]);
    }
}

/// Reloads the page.
pub fn reload() {
    let _ = window().location().reload();
}

/// Whether another page embeds this one.
pub fn is_framed() -> bool {
    js::global("parent") != JsValue::from(window())
}

/// The text of the page's element of this id.
pub fn embedded(id: &str) -> Option<String> {
    js::get(&element(id)?, "textContent").as_string()
}

fn element(id: &str) -> Option<JsValue> {
    let element = js::call(&js::global("document"), "getElementById", &[id.into()]);
    element.ok().filter(|element| !element.is_null())
}

/// When the page's HTML began to arrive, in milliseconds since the Unix epoch by the
/// viewer's clock. (`performance.timeOrigin` may be by another one.)
pub fn loaded_at() -> f64 {
    let performance = js::global("performance");
    let entries = js::call(&performance, "getEntriesByType", &["navigation".into()]);
    let navigation = js::get(&entries.unwrap_or_default(), "0");
    let start = js::get(&navigation, "responseStart").as_f64();
    super::now() - start.map_or(0.0, |start| super::monotonic() - start)
}

/// Adds a stylesheet to the page, once, unless the element of this id has it; `false`
/// if the browser cannot.
///
/// To a Content-Security-Policy, a constructed stylesheet is not an inline style.
pub fn adopt_stylesheet(css: &'static str, id: &str) -> bool {
    thread_local! {
        static ADOPTED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }
    ADOPTED.with_borrow_mut(|adopted| {
        if !adopted.contains(&css) && element(id).is_none() {
            if !construct_stylesheet(css) {
                return false;
            }
            adopted.push(css);
        }
        true
    })
}

fn construct_stylesheet(css: &str) -> bool {
    let Some(document) = window().document() else {
        return false;
    };
    // An error, too, if the browser has no such constructor.
    let Ok(sheet) = CssStyleSheet::new() else {
        return false;
    };
    if sheet.replace_sync(css).is_err() {
        return false;
    }
    document.adopted_style_sheets().push(&sheet);
    true
}

/// Themes and ranges that messages from the page's own origin request:
/// `{"type":"theme-change","theme":…}` and `{"type":"range-change","range":…}`.
/// `assets/frame.js` passes on what a surrounding page requests.
pub type PageMessages = Listener<String>;

impl Listener<String> {
    /// Starts listening; dropping stops it. Earlier messages are lost.
    pub fn listen() -> Self {
        let origin = window().location().origin().unwrap_or_default();
        let read = move |event: JsValue| {
            let data = js::get(&event, "data");
            let same_origin = js::get(&event, "origin") == origin.as_str();
            let types = [("theme-change", "theme"), ("range-change", "range")];
            let sent = js::get(&data, "type");
            let (_, key) = types
                .iter()
                .find(|(name, _)| same_origin && sent == *name)?;
            js::get(&data, key).as_string()
        };
        Self::new(window().into(), "message", read)
    }
}

/// Writes one line to the browser's console.
pub fn warn(line: &str) {
    web_sys::console::warn_1(&line.into());
}
