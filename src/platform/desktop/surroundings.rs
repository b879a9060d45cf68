//! What of a page has no counterpart here.

/// Without effect: there is no page to load anew.
pub fn reload() {}

/// Always `None`: a window has no address that a link could change.
pub fn other_settings() -> Option<String> {
    None
}

/// Always `false`: a `style` element does.
pub fn adopt_stylesheet(_css: &'static str) -> bool {
    false
}

/// No page surrounds the window, so that it is told no theme.
pub struct ThemeMessages;

impl ThemeMessages {
    /// Listens to nothing.
    pub fn listen() -> Self {
        Self
    }

    /// Never comes.
    pub async fn next(&mut self) -> String {
        std::future::pending().await
    }
}

/// Writes one line to the log.
pub fn warn(line: &str) {
    tracing::warn!("{line}");
}
