//! Title, attention and notifications of the window that asks.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex, PoisonError};

use dioxus::prelude::*;
use live_dashboard::platform::desktop::surface::Surface;
use notify_rust::Notification;
use tokio::sync::watch;

/// What a window hears of its viewer: a context of its virtual DOM.
#[derive(Clone)]
pub(crate) struct Attention(Rc<Heard>);

struct Heard {
    /// Whether the viewer has the window before their eyes.
    attended: watch::Sender<bool>,
    /// How often they have pressed Escape.
    escapes: watch::Sender<u64>,
}

impl Attention {
    /// A window that opens is looked at.
    pub(crate) fn new() -> Self {
        Self(Rc::new(Heard {
            attended: watch::Sender::new(true),
            escapes: watch::Sender::new(0),
        }))
    }

    /// The window got it, or lost it.
    pub(crate) fn turn(&self, attended: bool) {
        self.0.attended.send_if_modified(|known| {
            let changed = *known != attended;
            *known = attended;
            changed
        });
    }

    /// The viewer wants to go back.
    pub(crate) fn escape(&self) {
        self.0.escapes.send_modify(|times| *times += 1);
    }
}

/// The window within whose virtual DOM it is asked.
pub(crate) struct Window;

impl Surface for Window {
    fn set_title(&self, title: &str) {
        let window = dioxus::desktop::window();
        if window.title() != title {
            window.set_title(title);
        }
    }

    fn attention(&self) -> Option<watch::Receiver<bool>> {
        try_consume_context::<Attention>().map(|attention| attention.0.attended.subscribe())
    }

    fn escapes(&self) -> Option<watch::Receiver<u64>> {
        try_consume_context::<Attention>().map(|attention| attention.0.escapes.subscribe())
    }

    fn may_notify(&self) -> bool {
        true
    }

    fn notify(&self, title: &str, body: &str, tag: &str) {
        let mut notification = Notification::new();
        notification
            .appname(super::NAME)
            .icon(super::window::ICON_NAME)
            .summary(title)
            .body(&plain(body));
        let tag = tag.to_owned();
        tokio::spawn(async move {
            if let Err(error) = show(notification, tag).await {
                tracing::warn!("the system shows no notification: {error}");
            }
        });
    }

    fn chime(&self) {
        toolkit::chime();
    }

    fn copy(&self, text: &str) {
        toolkit::copy(text);
    }

    fn focus(&self, selector: &str) {
        let script = format!("document.querySelector({selector:?})?.focus()");
        if let Err(error) = dioxus::desktop::window().webview.evaluate_script(&script) {
            tracing::warn!("the focus could not be moved: {error}");
        }
    }
}

/// The toolkit's sound and clipboard.
#[cfg(target_os = "linux")]
mod toolkit {
    use gtk::gdk::{Display, SELECTION_CLIPBOARD};

    pub(super) fn chime() {
        if let Some(display) = Display::default() {
            display.beep();
        }
    }

    pub(super) fn copy(text: &str) {
        gtk::Clipboard::get(&SELECTION_CLIPBOARD).set_text(text);
    }
}

/// Not made for this system yet.
#[cfg(not(target_os = "linux"))]
mod toolkit {
    pub(super) fn chime() {}

    pub(super) fn copy(_text: &str) {}
}

/// The system's numbers of the notifications by tag; as many are kept as a
/// viewer could have on screen.
static SHOWN: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);
const KEPT: usize = 64;

async fn show(mut notification: Notification, tag: String) -> notify_rust::error::Result<()> {
    let shown = || SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = shown().get(&tag).copied();
    if let Some(id) = before {
        notification.id(id);
    }
    let id = notification.show_async().await?.id();
    let mut shown = shown();
    if shown.len() >= KEPT {
        shown.clear();
    }
    shown.insert(tag, id);
    Ok(())
}

/// Notifications take markup; an alert's text is text.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
