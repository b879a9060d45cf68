//! The window that the dashboard is in, as far as the dashboard has to do with
//! it. The app says once which one that is; in its absence nothing happens.

use std::sync::OnceLock;

use tokio::sync::watch;

/// What a dashboard wants of its window. Each call comes from within the
/// window's own virtual DOM.
pub trait Surface: Send + Sync {
    /// Sets the window's title.
    fn set_title(&self, title: &str);

    /// Whether the viewer has the window before their eyes, now and from now
    /// on; `None` where that is not known.
    fn attention(&self) -> Option<watch::Receiver<bool>>;

    /// Changes whenever the viewer presses Escape; `None` where that is not
    /// known.
    fn escapes(&self) -> Option<watch::Receiver<u64>>;

    /// Whether the system shows notifications.
    fn may_notify(&self) -> bool;

    /// Shows a notification; one with the same tag replaces it.
    fn notify(&self, title: &str, body: &str, tag: &str);

    /// Sounds as the system does when something needs attention.
    fn chime(&self);

    /// Puts a text on the clipboard.
    fn copy(&self, text: &str);

    /// Puts the keyboard's focus on the first element that a selector finds.
    fn focus(&self, selector: &str);
}

static SURFACE: OnceLock<&'static dyn Surface> = OnceLock::new();

/// Says how windows are dealt with, once for the process.
pub fn install(surface: &'static dyn Surface) {
    let _ = SURFACE.set(surface);
}

pub(super) fn current() -> Option<&'static dyn Surface> {
    SURFACE.get().copied()
}
