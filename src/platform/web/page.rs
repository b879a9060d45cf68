//! The page around the dashboard.

use std::cell::RefCell;

use js_sys::Object;
use wasm_bindgen::JsValue;
use web_sys::{CssStyleSheet, UrlSearchParams};

use super::events::Listener;
use super::{js, window};
use crate::platform::Settings;

/// The settings that the page's address asks for: `?hub=`, `?token_url=`,
/// `?socket_url=`, `?api_url=`, `?dashboard=`, `?theme=` and `?kiosk=`.
pub fn settings() -> Settings {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let query = UrlSearchParams::new_with_str(&query).ok();
    let parameter = |name| query.as_ref()?.get(name);
    Settings {
        hub: parameter("hub").unwrap_or_else(|| {
            let origin = location.origin().unwrap_or_default();
            let path = location.pathname().unwrap_or_default();
            // A proxy may serve the hub below a directory of its own.
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            format!("{origin}{directory}")
        }),
        token_url: parameter("token_url"),
        socket_url: parameter("socket_url"),
        api_url: parameter("api_url"),
        dashboard: parameter("dashboard"),
        theme: parameter("theme"),
        kiosk: parameter("kiosk"),
    }
}

/// The query of the page's address but for the dashboard's name.
pub fn other_settings() -> Option<String> {
    let query = window().location().search().unwrap_or_default();
    let query = UrlSearchParams::new_with_str(&query).ok()?;
    query.delete("dashboard");
    Some(query.to_string().into())
}

/// Sets the page's title; one that it has already is left alone.
pub fn set_title(title: &str) {
    if let Some(document) = window().document()
        && document.title() != title
    {
        document.set_title(title);
    }
}

/// Puts the keyboard's focus on the first element that a selector finds.
pub fn focus(selector: &str) {
    if let Ok(element) = js::call(&js::global("document"), "querySelector", &[selector.into()]) {
        let _ = js::call(&element, "focus", &[]);
    }
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Gives the page a stylesheet, once; `false` where the browser cannot.
///
/// A constructed stylesheet is no inline style to a Content-Security-Policy.
pub fn adopt_stylesheet(css: &'static str) -> bool {
    thread_local! {
        static ADOPTED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }
    ADOPTED.with_borrow_mut(|adopted| {
        if !adopted.contains(&css) {
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
    // A constructor that is missing throws, which arrives as an error.
    let Ok(sheet) = CssStyleSheet::new() else {
        return false;
    };
    if sheet.replace_sync(css).is_err() {
        return false;
    }
    document.adopted_style_sheets().push(&sheet);
    true
}

/// The themes that the window is told by messages
/// `{"type":"theme-change","theme":…}` from the page's own origin.
pub struct ThemeMessages(Listener<String>);

impl ThemeMessages {
    /// Listens from now on, until dropped. What was said before is lost, so that
    /// the surrounding page is asked to say it again.
    pub fn listen() -> Self {
        let own = window().location().origin().unwrap_or_default();
        let asked_for = own.as_str().into();
        let read = move |event: JsValue| {
            let data = js::get(&event, "data");
            let from_here = js::get(&event, "origin") == own.as_str();
            if !from_here || js::get(&data, "type") != "theme-change" {
                return None;
            }
            js::get(&data, "theme").as_string()
        };
        let listening = Self(Listener::new(window().into(), "message", read));
        let parent = js::global("parent");
        if parent != JsValue::from(window()) {
            let question = Object::new();
            js::set(&question, "type", &"theme-wanted".into());
            let _ = js::call(&parent, "postMessage", &[question.into(), asked_for]);
        }
        listening
    }

    /// The next theme; the latest of several.
    pub async fn next(&mut self) -> String {
        self.0.next().await
    }
}

/// Writes one line to the browser's console.
pub fn warn(line: &str) {
    web_sys::console::warn_1(&line.into());
}
