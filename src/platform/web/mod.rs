//! The platform in a browser. What each file asks of the browser is in the script of its name:
//! calls of the browser's interfaces are several times as large in wasm.

mod attention;
mod events;
mod http;
mod language;
mod page;
mod socket;
mod storage;
mod time;

pub use attention::{WakeLock, chime, may_notify, notify, set_icon};
pub use events::{Escapes, PageMessages, VisibilityChanges, is_visible};
pub use http::{http_get, http_post_json};
pub use language::{Calendar, language};
pub use page::{
    adopt_stylesheet, embedded, focus, is_framed, loaded_at, other_settings, page_directory,
    query_parameter, reload, set_title, warn,
};
pub use socket::Socket;
pub use storage::{copy, save, store, stored};
pub use time::{monotonic, now, random, sleep};
