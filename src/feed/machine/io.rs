//! What goes into the machine, and what comes out.

use crate::feed::SecretUrl;
use crate::model::Event;
use crate::platform::{HttpError, HttpResponse, SocketError, SocketEvent};

/// Names a socket, from its [`Action::Open`] to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnId(pub(super) u64);

/// The time, twice, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// By a clock that never goes back.
    pub monotonic: f64,
    /// Since the Unix epoch, by the viewer's clock.
    pub wall: f64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The feed begins.
    Start,
    /// The outcome of [`Action::FetchToken`].
    Token(Result<HttpResponse, HttpError>),
    /// The outcome of [`Action::Open`].
    Opened(ConnId, Result<(), SocketError>),
    /// Something arrived on an open socket.
    Socket(ConnId, SocketEvent),
    /// The outcome of [`Action::Probe`].
    Probe(Result<HttpResponse, HttpError>),
    /// The outcome of [`Action::List`].
    Listed(ConnId, Result<HttpResponse, HttpError>),
    /// The page came into sight.
    InSight,
    /// The time of [`Machine::wake_at`](super::Machine::wake_at) has come.
    Timer,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ask the token endpoint; the outcome is [`Input::Token`].
    FetchToken {
        /// The token endpoint.
        url: String,
        /// The request's body, as JSON.
        body: String,
    },
    /// Open a socket; the outcome is [`Input::Opened`].
    Open {
        /// The socket's name from now on.
        conn: ConnId,
        /// Where to.
        url: SecretUrl,
    },
    /// Send a text frame.
    Send {
        /// On which socket.
        conn: ConnId,
        /// The frame.
        text: String,
    },
    /// Drop a socket, open or still opening; nothing more is wanted from it.
    Close {
        /// Which one.
        conn: ConnId,
    },
    /// Ask with a plain `GET`; the outcome is [`Input::Probe`].
    Probe {
        /// What to ask.
        url: SecretUrl,
    },
    /// Ask the client API with a `POST`; the outcome is [`Input::Listed`].
    List {
        /// For which connection.
        conn: ConnId,
        /// Where.
        url: SecretUrl,
        /// The request's body, as JSON.
        body: String,
    },
    /// Tell the dashboard.
    Emit(Event),
}
