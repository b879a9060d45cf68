//! The page around the dashboard.

use std::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CssStyleSheet, MessageEvent, UrlSearchParams};

use super::window;
use crate::platform::Settings;

/// The settings that the page's address asks for: `?hub=`, `?token_url=`,
/// `?socket_url=`, `?dashboard=` and `?theme=`.
pub fn settings() -> Settings {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let query = UrlSearchParams::new_with_str(&query).ok();
    let parameter = |name| query.as_ref()?.get(name);
    Settings {
        hub: parameter("hub").unwrap_or_else(|| location.origin().unwrap_or_default()),
        token_url: parameter("token_url"),
        socket_url: parameter("socket_url"),
        dashboard: parameter("dashboard"),
        theme: parameter("theme"),
    }
}

/// Sets the page's title.
pub fn set_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
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

/// Listens to the window's messages; dropping it ends that.
pub struct ThemeListener(Closure<dyn FnMut(MessageEvent)>);

impl Drop for ThemeListener {
    fn drop(&mut self) {
        let _ = window()
            .remove_event_listener_with_callback("message", self.0.as_ref().unchecked_ref());
    }
}

/// Calls back with the `theme` of each message
/// `{"type":"theme-change","theme":…}` that comes from the page's own origin.
pub fn on_theme_message(mut call: impl FnMut(&str) + 'static) -> ThemeListener {
    let own = window().location().origin().unwrap_or_default();
    let listener = Closure::new(move |event: MessageEvent| {
        if event.origin() != own {
            return;
        }
        let data = event.data();
        let field = |name: &str| Reflect::get(&data, &name.into()).ok()?.as_string();
        if field("type").as_deref() == Some("theme-change")
            && let Some(theme) = field("theme")
        {
            call(&theme);
        }
    });
    let listener = ThemeListener(listener);
    let _ =
        window().add_event_listener_with_callback("message", listener.0.as_ref().unchecked_ref());
    listener
}

/// Writes one line to the browser's console.
pub fn warn(line: &str) {
    web_sys::console::warn_1(&line.into());
}
