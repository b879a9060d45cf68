//! The platform: sockets, HTTP, timers, clocks, storage and the page or window
//! around the dashboard.
//!
//! `web.rs` (the browser, on wasm32) and `desktop.rs` (everything else,
//! including tests on the host) provide the same names. The `cfg_if!` below is
//! the only choice by target in this crate.
//!
//! | name | contract |
//! | --- | --- |
//! | [`Socket::open`] | resolves to a WebSocket after its handshake |
//! | [`Socket::poll_event`] | yields what arrives, in order, [`SocketEvent::Closed`] last; also flushes what [`Socket::send`] queued |
//! | [`Socket::send`] | queues a text frame without waiting |
//! | dropping a [`Socket`] | closes the connection with a Close frame |
//! | [`http_get`], [`http_post_json`] | a response of any status, within [`HTTP_TIMEOUT`] and [`MAX_BODY_BYTES`] |
//! | [`sleep`] | a timer; in a hidden tab it may come late |
//! | [`now`], [`monotonic`] | milliseconds: since the Unix epoch, and of a clock that never goes back |
//! | [`random`] | a number in `0.0..1.0` that the clock does not determine |
//! | [`language`], [`Calendar`] | how the viewer's language writes numbers and ages; a time zone's clock and calendar |
//! | [`store`], [`stored`] | a text kept for the viewer's next visit, where possible |
//! | [`is_visible`], [`VisibilityChanges`] | whether the viewer can see the page |
//! | [`is_framed`] | whether another page embeds this one; `false` on a desktop |
//! | [`Escapes`] | presses of the Escape key anywhere on the page |
//! | [`may_notify`], [`notify`], [`chime`] | system notifications and a sound, where the viewer allows them |
//! | [`WakeLock`] | keeps the screen on |
//! | [`set_title`], [`set_icon`], [`copy`], [`save`] | the page's title and its tab's icon, the clipboard, and a file for the viewer |
//! | [`focus`] | moves the keyboard focus to the first element that matches a selector |
//! | [`query_parameter`], [`page_directory`] | the page's address; `None` and empty on a desktop |
//! | [`other_settings`] | the query of the page's address without the dashboard; `None` on a desktop |
//! | [`reload`] | reloads the page; no effect on a desktop |
//! | [`adopt_stylesheet`] | adds a stylesheet that a strict Content-Security-Policy allows, unless an element of this id has it; `false` if a `style` element has to be used |
//! | [`embedded`] | the text of the page's element of an id; `None` on a desktop |
//! | [`loaded_at`] | when the page's HTML began to arrive, in milliseconds since the Unix epoch; now on a desktop |
//! | [`PageMessages`] | themes and ranges that messages from the page's own origin request |
//! | [`warn`] | writes one line to the log |
//!
//! Tokens travel in the query of an address. No error and no log line contains
//! a query.

use std::time::Duration;

cfg_if::cfg_if! {
    if #[cfg(target_arch = "wasm32")] {
        mod web;
        use web as imp;
    } else {
        pub mod desktop;
        use desktop as imp;
    }
}

pub use imp::{
    Calendar, Escapes, PageMessages, Socket, VisibilityChanges, WakeLock, adopt_stylesheet, chime,
    copy, embedded, focus, http_get, http_post_json, is_framed, is_visible, language, loaded_at,
    may_notify, monotonic, notify, now, other_settings, page_directory, query_parameter, random,
    reload, save, set_icon, set_title, sleep, store, stored, warn,
};

/// The longest time that an HTTP request may take, including its response's
/// body.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(10);

/// The size limit for an HTTP response's body.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What arrives on a [`Socket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// A text frame.
    Text(String),
    /// A binary frame, which the protocol does not have.
    Binary,
    /// The connection has ended. No event follows.
    Closed {
        /// The code of the Close frame; `None` if none was received.
        code: Option<u16>,
        /// The Close frame's reason, or the error that ended the connection;
        /// may be empty.
        reason: String,
    },
}

/// Why a WebSocket cannot be opened or written to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// The address is invalid, or the browser blocks it.
    #[error("this address cannot be used for a WebSocket")]
    Address,
    /// There is no connection, or the handshake was rejected.
    #[error("{0}")]
    Connect(String),
    /// The connection has ended, or the peer does not read.
    #[error("the connection is closed or its send buffer is full")]
    Send,
}

/// A response to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Any status, including errors.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The body, with invalid UTF-8 replaced.
    pub body: String,
}

/// Why an HTTP request has no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The connection failed or broke.
    #[error("{0}")]
    Connect(String),
    /// The response did not arrive within [`HTTP_TIMEOUT`].
    #[error("no response within {} s", HTTP_TIMEOUT.as_secs())]
    Timeout,
    /// The response's body is larger than [`MAX_BODY_BYTES`].
    #[error("the response is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
}

/// A language's conventions, as samples of its output, with the digits 0 to 9: the page's
/// own text has those too, and a page has one set of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: String,
    /// 1234.
    pub short: String,
    /// −1234567.8.
    pub long: String,
    /// 0.5 as a percentage.
    pub percent: String,
    /// The powers of ten from 10³ to 10¹⁴ in short, such as 100K; empty for English.
    pub compact: Vec<String>,
}
