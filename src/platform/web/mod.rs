//! The platform in a browser.

mod attention;
mod events;
mod http;
mod js;
mod language;
mod page;
mod socket;
mod storage;
mod time;

pub use attention::{
    Escapes, VisibilityChanges, WakeLock, chime, is_visible, may_notify, notify, set_icon,
};
pub use http::{http_get, http_post_json};
pub use language::{Calendar, language};
pub use page::{
    PageMessages, adopt_stylesheet, embedded, focus, is_framed, loaded_at, other_settings,
    page_directory, query_parameter, reload, set_title, warn,
};
pub use socket::Socket;
pub use storage::{copy, save, store, stored};
pub use time::{monotonic, now, random, sleep};

fn window() -> web_sys::Window {
    web_sys::window().expect("the page runs in a window")
}
