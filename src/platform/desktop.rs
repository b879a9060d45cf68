//! The platform outside of a browser.

mod http;
mod route;
mod socket;
mod surroundings;
mod time;
mod words;

pub use http::{http_get, http_post_json};
pub use socket::Socket;
pub use surroundings::{ThemeMessages, adopt_stylesheet, reload, set_title, settings, warn};
pub use time::{monotonic, next_frame, now, random, sleep, utc_offset_minutes};
