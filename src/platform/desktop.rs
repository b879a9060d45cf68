//! The platform outside of a browser.

mod attention;
mod http;
mod language;
mod socket;
mod storage;
mod surroundings;
mod time;

pub use attention::{
    Escapes, VisibilityChanges, WakeLock, chime, is_visible, may_notify, notify, set_icon,
};
pub use http::{http_get, http_post_json};
pub use language::{Calendar, language};
pub use socket::Socket;
pub use storage::{copy, store, stored};
pub use surroundings::{ThemeMessages, adopt_stylesheet, reload, set_title, settings, warn};
pub use time::{monotonic, next_frame, now, random, sleep};
