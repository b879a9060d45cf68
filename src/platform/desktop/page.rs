//! What a browser's page has and a window has not.

/// Always `None`: a window has no address.
pub fn query_parameter(_name: &str) -> Option<String> {
    None
}

/// Always empty: a window has no address.
pub fn page_directory() -> String {
    String::new()
}

/// Always `None`: a window has no address for links to change.
pub fn other_settings() -> Option<String> {
    None
}

/// No effect: there is no page to reload.
pub fn reload() {}

/// No effect: the window keeps the app's icon.
pub fn set_icon(_svg: &str) {}

/// Always `false`: a `style` element works.
pub fn adopt_stylesheet(_css: &'static str, _id: &str) -> bool {
    false
}

/// Always `false`: a window is in no page.
pub fn is_framed() -> bool {
    false
}

/// Always `None`: nothing is embedded in a window.
pub fn embedded(_id: &str) -> Option<String> {
    None
}

/// The time now: a window has no page to load.
pub fn loaded_at() -> f64 {
    super::now()
}

/// Keeps the screen on, which is left to the system's settings here.
pub struct WakeLock;

impl WakeLock {
    /// Always `None`.
    pub async fn request() -> Option<Self> {
        None
    }
}

/// Writes one line to the log.
pub fn warn(line: &str) {
    tracing::warn!("{line}");
}
