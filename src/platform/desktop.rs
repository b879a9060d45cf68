//! The platform outside of a browser: the contract's names, and what only a
//! desktop app has.
//!
//! - [`start`]: what the command line, the environment and the settings file
//!   ask for.
//! - [`settings_file`]: that file.
//! - [`remembered`]: where the window was, and how.
//! - [`instance`]: one app for each user, however often it is started.
//! - [`surface`]: the window that the dashboard is in.

mod attention;
mod file;
mod http;
pub mod instance;
mod language;
pub mod remembered;
mod route;
pub mod settings_file;
mod socket;
pub mod start;
mod storage;
pub mod surface;
mod surroundings;
mod time;
mod words;

pub use attention::{
    Escapes, VisibilityChanges, WakeLock, chime, copy, focus, is_visible, may_notify, notify,
    set_icon, set_title,
};
pub use file::FileError;
pub use http::{http_get, http_post_json};
pub use language::{Calendar, language};
pub use socket::{Socket, say_goodbye};
pub use start::settings;
pub use storage::{store, stored};
pub use surroundings::{ThemeMessages, adopt_stylesheet, other_settings, reload, warn};
pub use time::{monotonic, next_frame, now, random, sleep};
