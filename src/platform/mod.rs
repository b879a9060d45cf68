//! The seam to the platform: socket, HTTP, timers, clocks, the page or the
//! command line around us.
//!
//! `web.rs` (the browser, for wasm32) and `desktop.rs` (everything else, tests
//! on the host too) offer the same names; the choice between them, below, is
//! the only one by target in this crate.
//!
//! | name | what it promises |
//! | --- | --- |
//! | [`Socket::open`] | a WebSocket once its handshake is done |
//! | [`Socket::poll_event`] | what arrives, in order; [`SocketEvent::Closed`] is the last; sends what [`Socket::send`] left to send |
//! | [`Socket::send`] | takes a text frame without waiting |
//! | dropping a [`Socket`] | closes the connection with a Close frame |
//! | [`http_get`], [`http_post_json`] | an answer of any status within [`HTTP_TIMEOUT`] and [`MAX_BODY_BYTES`] |
//! | [`sleep`], [`next_frame`] | timers; `next_frame` also ends where nothing is drawn, as in a hidden tab |
//! | [`now`], [`monotonic`] | milliseconds: since the Unix epoch, and of a clock that never goes back |
//! | [`random`] | a number of `0.0..1.0` that nobody can foresee from the clock |
//! | [`language`], [`Calendar`] | how the viewer's language writes numbers and ages; a place's clock and calendar |
//! | [`store`], [`stored`] | a text kept for the viewer's next visit, where that is possible |
//! | [`is_visible`], [`VisibilityChanges`] | whether the page can be seen |
//! | [`Escapes`] | the Escape key, wherever it is pressed on the page |
//! | [`may_notify`], [`notify`], [`chime`] | the system's notifications and a sound, where the viewer allows them |
//! | [`WakeLock`] | a screen that does not go dark |
//! | [`set_icon`], [`copy`] | the icon of the page's tab, and the clipboard |
//! | [`focus`] | puts the keyboard's focus on the first element that a selector finds |
//! | [`settings`] | what the page's address, or the command line and the environment, ask for |
//! | [`other_settings`] | the query of the page's address but for the dashboard; `None` where there is no address to follow |
//! | [`set_title`], [`reload`] | the page's title, and the page anew; the latter without effect on a desktop |
//! | [`adopt_stylesheet`] | gives the page a stylesheet past a strict Content-Security-Policy; `false` where a `style` element must do |
//! | [`ThemeMessages`] | the themes that the surrounding page of the same origin asks for |
//! | [`warn`] | one line for the developer |
//!
//! No error and no line of the log contains an address's query: tokens travel
//! there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    Calendar, Escapes, Socket, ThemeMessages, VisibilityChanges, WakeLock, adopt_stylesheet, chime,
    copy, focus, http_get, http_post_json, is_visible, language, may_notify, monotonic, next_frame,
    notify, now, other_settings, random, reload, set_icon, set_title, settings, sleep, store,
    stored, warn,
};

/// How long an HTTP request may take, from its start to the answer's end.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(10);

/// How large an HTTP answer's body may be.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What arrives on a [`Socket`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// A text frame.
    Text(String),
    /// A binary frame; the protocol has none.
    Binary,
    /// The connection is over; nothing comes after.
    Closed {
        /// The code of the Close frame; `None` where none came.
        code: Option<u16>,
        /// The Close frame's reason, or what broke the connection; may be
        /// empty.
        reason: String,
    },
}

/// Why a WebSocket did not come about, or takes no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// The address is none that a WebSocket can be opened to from here.
    #[error("this address cannot be used for a WebSocket")]
    Address,
    /// No connection, or the handshake was refused.
    #[error("{0}")]
    Connect(String),
    /// The connection is over, or its peer does not read.
    #[error("the connection takes no more frames")]
    Send,
}

/// An answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status, whatever it is.
    pub status: u16,
    /// The body; what is no UTF-8 in it is replaced.
    pub body: String,
}

/// Why there is no answer to an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection, or it broke.
    #[error("{0}")]
    Connect(String),
    /// The answer did not come within [`HTTP_TIMEOUT`].
    #[error("no answer within {} s", HTTP_TIMEOUT.as_secs())]
    Timeout,
    /// The answer's body is larger than [`MAX_BODY_BYTES`].
    #[error("the answer has more than {MAX_BODY_BYTES} bytes")]
    TooLarge,
}

/// What the surroundings ask for, as it was written there, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Settings {
    /// The hub's address; where nothing is said, the page's own origin or the
    /// hub's default address on this machine.
    pub hub: String,
    /// The token endpoint's address, where it is not the hub's.
    pub token_url: Option<String>,
    /// The WebSocket's address, where it is not the hub's.
    pub socket_url: Option<String>,
    /// The client API's address, where it is not the hub's.
    pub api_url: Option<String>,
    /// The dashboard's name.
    pub dashboard: Option<String>,
    /// The colour scheme.
    pub theme: Option<String>,
    /// Whether the dashboard is a wall: `1` or `true`.
    pub kiosk: Option<String>,
}

/// How the viewer's language looks, by what it makes of some numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: String,
    /// Whether it is written from right to left.
    pub right_to_left: bool,
    /// 0.
    pub zero: String,
    /// 1234.
    pub short: String,
    /// −1234567.8.
    pub long: String,
    /// 0.5 as a percentage.
    pub percent: String,
}
