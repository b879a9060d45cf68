//! What a page in a browser can do to draw attention; a window has no tab, and
//! is taken to be in sight.

use std::future::pending;

/// Always: a window that nobody sees loses nothing by it.
pub fn is_visible() -> bool {
    true
}

/// A window's visibility, which never changes.
pub struct VisibilityChanges;

impl VisibilityChanges {
    /// Listens to nothing.
    pub fn listen() -> Self {
        Self
    }

    /// Never comes.
    pub async fn next(&mut self) -> bool {
        pending().await
    }
}

/// The Escape key, which is the renderer's here.
pub struct Escapes;

impl Escapes {
    /// Listens to nothing.
    pub fn listen() -> Self {
        Self
    }

    /// Never comes.
    pub async fn next(&mut self) {
        pending().await
    }
}

/// Keeps the screen from going dark, where that is possible.
pub struct WakeLock;

impl WakeLock {
    /// Always `None`: the system's settings hold.
    pub async fn request() -> Option<Self> {
        None
    }
}

/// Always `false`: the window sends no notifications.
pub async fn may_notify() -> bool {
    false
}

/// Without effect.
pub fn notify(_title: &str, _body: &str, _tag: &str) {}

/// Without effect.
pub fn chime() {}

/// Without effect: there is no tab.
pub fn set_icon(_svg: &str) {}
