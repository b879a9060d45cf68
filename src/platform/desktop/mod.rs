//! The platform outside a browser.
//!
//! - [`Host`]: the app's window around the dashboard. An app may install one;
//!   the dashboard works without.
//! - `page`: the contract's browser-only names, without effect here.
//! - `socket` and `http`: connections, by way of a `proxy` if the
//!   environment names one; `cause` explains their errors.

mod cause;
mod host;
mod http;
mod language;
mod page;
mod proxy;
mod socket;
mod storage;
mod time;

pub use host::{
    Escapes, Host, PageMessages, VisibilityChanges, chime, copy, focus, install_host, is_visible,
    may_notify, notify, save, set_title,
};
pub use http::{http_get, http_post_json};
pub use language::{Calendar, language};
pub use page::{
    WakeLock, adopt_stylesheet, embedded, is_framed, loaded_at, other_settings, page_directory,
    query_parameter, reload, set_icon, warn,
};
pub use socket::{Socket, closing_sockets_done};
pub use storage::{directories, store, stored};
pub use time::{monotonic, now, random, sleep};
