//! The platform in a browser.

mod http;
mod page;
mod socket;
mod time;

pub use http::{http_get, http_post_json};
pub use page::{ThemeMessages, adopt_stylesheet, reload, set_title, settings, warn};
pub use socket::Socket;
pub use time::{monotonic, next_frame, now, random, sleep, utc_offset_minutes};

fn window() -> web_sys::Window {
    web_sys::window().expect("the page runs in a window")
}
