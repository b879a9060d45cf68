//! The window around the dashboard, as far as the dashboard depends on it.

use std::future::pending;
use std::sync::OnceLock;

use tokio::sync::watch;

/// What a dashboard can ask of its window. Every call comes from the window's
/// own virtual DOM. A method that is not implemented has no effect.
pub trait Host: Send + Sync {
    /// Sets the window's title.
    fn set_title(&self, _title: &str) {}

    /// Whether the viewer sees the window; `None` if unknown.
    fn visibility(&self) -> Option<watch::Receiver<bool>> {
        None
    }

    /// Notifies of each press of Escape; `None` if unknown.
    fn escapes(&self) -> Option<watch::Receiver<()>> {
        None
    }

    /// Whether the system shows notifications.
    fn may_notify(&self) -> bool {
        false
    }

    /// Shows a notification, in place of an earlier one with the same tag.
    fn notify(&self, _title: &str, _body: &str, _tag: &str) {}

    /// Plays the system's alert sound.
    fn chime(&self) {}

    /// Puts a text on the clipboard.
    fn copy(&self, _text: &str) {}

    /// Saves a file in the viewer's directory for downloads.
    fn save(&self, _name: &str, _text: &str) {}

    /// Moves the keyboard focus to the first element that matches a selector.
    fn focus(&self, _selector: &str) {}
}

struct NoHost;

impl Host for NoHost {}

static HOST: OnceLock<&'static dyn Host> = OnceLock::new();

/// Installs the process's host. The first call wins.
pub fn install_host(host: &'static dyn Host) {
    let _ = HOST.set(host);
}

fn host() -> &'static dyn Host {
    HOST.get().copied().unwrap_or(&NoHost)
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    host().set_title(title);
}

/// Whether the viewer sees the window; `true` if unknown.
pub fn is_visible() -> bool {
    let visibility = host().visibility();
    visibility.is_none_or(|visibility| *visibility.borrow())
}

/// Reports the values of something that changes.
pub struct Changes<T>(Option<watch::Receiver<T>>);

/// Reports changes of [`is_visible`].
pub type VisibilityChanges = Changes<bool>;

/// Reports presses of Escape.
pub type Escapes = Changes<()>;

/// Reports what a surrounding page requests: never.
pub type PageMessages = Changes<String>;

impl Changes<bool> {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        Self(host().visibility())
    }
}

impl Changes<()> {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        Self(host().escapes())
    }
}

impl Changes<String> {
    /// Listens to nothing.
    pub fn listen() -> Self {
        Self(None)
    }
}

impl<T: Clone> Changes<T> {
    /// The next value. Never resolves if there is no source.
    pub async fn next(&mut self) -> T {
        if let Some(receiver) = &mut self.0
            && receiver.changed().await.is_ok()
        {
            return receiver.borrow_and_update().clone();
        }
        pending().await
    }
}

/// Whether the system shows notifications.
pub async fn may_notify() -> bool {
    host().may_notify()
}

/// Shows a notification, in place of an earlier one with the same tag.
pub fn notify(title: &str, body: &str, tag: &str) {
    host().notify(title, body, tag);
}

/// Plays the system's alert sound.
pub fn chime() {
    host().chime();
}

/// Puts a text on the clipboard.
pub fn copy(text: &str) {
    host().copy(text);
}

/// Saves a file in the viewer's directory for downloads.
pub fn save(name: &str, text: &str) {
    host().save(name, text);
}

/// Moves the keyboard focus to the first element that matches a selector.
pub fn focus(selector: &str) {
    host().focus(selector);
}
