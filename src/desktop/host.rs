//! The dashboard's window: title, visibility, notifications, clipboard, focus.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use dioxus::prelude::*;
use live_dashboard::platform::desktop::Host;
use notify_rust::Notification;
use tokio::sync::watch;

use super::window::{ICON_NAME, NAME};

/// What a window reports about its viewer. Every window has it as a context.
#[derive(Clone)]
pub(crate) struct ViewerEvents {
    /// Whether the viewer sees the window.
    visibility: watch::Sender<bool>,
    /// Notifies of each press of Escape.
    escapes: watch::Sender<()>,
}

impl ViewerEvents {
    /// A new window is visible.
    pub(crate) fn new() -> Self {
        Self {
            visibility: watch::Sender::new(true),
            escapes: watch::Sender::new(()),
        }
    }

    /// Reports whether the viewer sees the window.
    pub(crate) fn set_visible(&self, visible: bool) {
        self.visibility
            .send_if_modified(|known| std::mem::replace(known, visible) != visible);
    }

    /// Reports that the viewer has pressed Escape.
    pub(crate) fn escape(&self) {
        self.escapes.send_replace(());
    }
}

/// The window whose virtual DOM runs the call.
pub(crate) struct WindowHost;

impl Host for WindowHost {
    fn set_title(&self, title: &str) {
        let window = dioxus::desktop::window();
        if window.title() != title {
            window.set_title(title);
        }
    }

    fn visibility(&self) -> Option<watch::Receiver<bool>> {
        try_consume_context().map(|events: ViewerEvents| events.visibility.subscribe())
    }

    fn escapes(&self) -> Option<watch::Receiver<()>> {
        try_consume_context().map(|events: ViewerEvents| events.escapes.subscribe())
    }

    fn may_notify(&self) -> bool {
        true
    }

    fn notify(&self, title: &str, body: &str, tag: &str) {
        let mut notification = Notification::new();
        notification
            .appname(NAME)
            .icon(ICON_NAME)
            .summary(title)
            .body(&escape_markup(body));
        let tag = tag.to_owned();
        tokio::spawn(async move {
            if let Err(error) = show(notification, tag).await {
                tracing::warn!("cannot show a notification: {error}");
            }
        });
    }

    #[cfg(target_os = "linux")]
    fn chime(&self) {
        if let Some(display) = gtk::gdk::Display::default() {
            display.beep();
        }
    }

    #[cfg(target_os = "linux")]
    fn copy(&self, text: &str) {
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_text(text);
    }

    fn save(&self, name: &str, text: &str) {
        let directories = directories::UserDirs::new();
        let downloads = directories.as_ref().and_then(|all| all.download_dir());
        let Some(path) = downloads.map(|downloads| downloads.join(name)) else {
            tracing::warn!("cannot save {name}: there is no directory for downloads");
            return;
        };
        if let Err(error) = std::fs::write(&path, text) {
            tracing::warn!("cannot save {}: {error}", path.display());
        }
    }

    fn focus(&self, selector: &str) {
        let script = format!("document.querySelector({selector:?})?.focus()");
        if let Err(error) = dioxus::desktop::window().webview.evaluate_script(&script) {
            tracing::warn!("cannot move the focus: {error}");
        }
    }
}

/// The ids of shown notifications by tag, at most [`MAX_SHOWN`].
static SHOWN: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);
const MAX_SHOWN: usize = 64;

async fn show(mut notification: Notification, tag: String) -> notify_rust::error::Result<()> {
    let shown = || SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let replaced = shown().get(&tag).copied();
    if let Some(id) = replaced {
        notification.id(id);
    }
    let id = notification.show_async().await?.id();
    let mut shown = shown();
    if shown.len() >= MAX_SHOWN {
        shown.clear();
    }
    shown.insert(tag, id);
    Ok(())
}

/// Escapes plain text, since notifications may contain markup.
fn escape_markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
