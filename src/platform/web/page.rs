//! The page around the dashboard.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CssStyleSheet, MessageEvent, UrlSearchParams};

use super::window;
use crate::platform::Settings;

/// The settings that the page's address asks for: `?hub=`, `?token_url=`,
/// `?socket_url=`, `?api_url=`, `?dashboard=` and `?theme=`.
pub fn settings() -> Settings {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let query = UrlSearchParams::new_with_str(&query).ok();
    let parameter = |name| query.as_ref()?.get(name);
    Settings {
        hub: parameter("hub").unwrap_or_else(|| location.origin().unwrap_or_default()),
        token_url: parameter("token_url"),
        socket_url: parameter("socket_url"),
        api_url: parameter("api_url"),
        dashboard: parameter("dashboard"),
        theme: parameter("theme"),
    }
}

/// Sets the page's title; one that it has already is left alone.
pub fn set_title(title: &str) {
    if let Some(document) = window().document()
        && document.title() != title
    {
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

/// The themes that the window is told by messages
/// `{"type":"theme-change","theme":…}` from the page's own origin.
pub struct ThemeMessages {
    listener: Closure<dyn FnMut(MessageEvent)>,
    latest: Rc<RefCell<Latest>>,
}

/// The latest theme that nobody has taken, and who waits for one.
#[derive(Default)]
struct Latest {
    theme: Option<String>,
    waker: Option<Waker>,
}

impl ThemeMessages {
    /// Listens from now on, until dropped.
    pub fn listen() -> Self {
        let own = window().location().origin().unwrap_or_default();
        let latest = Rc::new(RefCell::new(Latest::default()));
        let told = latest.clone();
        let listener = Closure::new(move |event: MessageEvent| {
            let data = event.data();
            let field = |name: &str| Reflect::get(&data, &name.into()).ok()?.as_string();
            if event.origin() != own || field("type").as_deref() != Some("theme-change") {
                return;
            }
            let mut told = told.borrow_mut();
            told.theme = field("theme");
            if let Some(waker) = told.waker.take() {
                waker.wake();
            }
        });
        let _ =
            window().add_event_listener_with_callback("message", listener.as_ref().unchecked_ref());
        Self { listener, latest }
    }

    /// The next theme; the latest of several.
    pub async fn next(&mut self) -> String {
        poll_fn(|cx| {
            let mut latest = self.latest.borrow_mut();
            match latest.theme.take() {
                Some(theme) => Poll::Ready(theme),
                None => {
                    latest.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Drop for ThemeMessages {
    fn drop(&mut self) {
        let _ = window()
            .remove_event_listener_with_callback("message", self.listener.as_ref().unchecked_ref());
    }
}

/// Writes one line to the browser's console.
pub fn warn(line: &str) {
    web_sys::console::warn_1(&line.into());
}
