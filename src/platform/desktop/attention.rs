//! Drawing the viewer's attention, by way of the window.

use std::future::pending;

use tokio::sync::watch;

use super::surface;

/// Sets the window's title.
pub fn set_title(title: &str) {
    if let Some(surface) = surface::current() {
        surface.set_title(title);
    }
}

/// Whether the viewer has the window before their eyes.
pub fn is_visible() -> bool {
    attention().is_none_or(|attention| *attention.borrow())
}

fn attention() -> Option<watch::Receiver<bool>> {
    surface::current().and_then(|surface| surface.attention())
}

/// How that changes.
pub struct VisibilityChanges(Option<watch::Receiver<bool>>);

impl VisibilityChanges {
    /// Listens from now on, until dropped.
    pub fn listen() -> Self {
        Self(attention())
    }

    /// Whether it is before their eyes, the next time that this changes.
    pub async fn next(&mut self) -> bool {
        next(&mut self.0).await
    }
}

/// Tells whenever the viewer presses Escape.
pub struct Escapes(Option<watch::Receiver<u64>>);

impl Escapes {
    /// Listens from now on, until dropped.
    pub fn listen() -> Self {
        Self(surface::current().and_then(|surface| surface.escapes()))
    }

    /// The next time.
    pub async fn next(&mut self) {
        next(&mut self.0).await;
    }
}

/// What something is after it changed; never for a window that is gone, or was
/// never known.
async fn next<T: Copy>(known: &mut Option<watch::Receiver<T>>) -> T {
    if let Some(known) = known
        && known.changed().await.is_ok()
    {
        return *known.borrow_and_update();
    }
    pending().await
}

/// Keeps the screen from going dark, where that is possible.
pub struct WakeLock;

impl WakeLock {
    /// Always `None`: the system's settings hold.
    pub async fn request() -> Option<Self> {
        None
    }
}

/// Whether the system shows notifications.
pub async fn may_notify() -> bool {
    surface::current().is_some_and(|surface| surface.may_notify())
}

/// Shows a notification of the system; one with the same tag replaces it.
pub fn notify(title: &str, body: &str, tag: &str) {
    if let Some(surface) = surface::current() {
        surface.notify(title, body, tag);
    }
}

/// Sounds as the system does when something needs attention.
pub fn chime() {
    if let Some(surface) = surface::current() {
        surface.chime();
    }
}

/// Puts a text on the clipboard.
pub fn copy(text: &str) {
    if let Some(surface) = surface::current() {
        surface.copy(text);
    }
}

/// Puts the keyboard's focus on the first element that a selector finds.
pub fn focus(selector: &str) {
    if let Some(surface) = surface::current() {
        surface.focus(selector);
    }
}

/// Without effect: the window keeps the app's icon.
pub fn set_icon(_svg: &str) {}
