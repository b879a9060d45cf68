//! The machine's inputs and actions.

use crate::feed::SecretUrl;
use crate::model::Event;
use crate::platform::{HttpError, HttpResponse, SocketError, SocketEvent};

/// Names a socket, from its [`Action::Open`] to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnId(pub(super) u64);

/// The time by two clocks, in milliseconds.
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
    /// The feed starts.
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
    /// The page became visible.
    Visible,
    /// The time of [`Machine::wake_at`](super::Machine::wake_at) has come.
    Timer,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Request a token; the outcome is [`Input::Token`].
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
        /// Its address.
        url: SecretUrl,
    },
    /// Send a text frame.
    Send {
        /// The socket.
        conn: ConnId,
        /// The frame.
        text: String,
    },
    /// Drop a socket, open or opening, with everything unread.
    Close {
        /// The socket.
        conn: ConnId,
    },
    /// Send a plain `GET`; the outcome is [`Input::Probe`].
    Probe {
        /// The address.
        url: SecretUrl,
    },
    /// Request stored messages with a `POST`; the outcome is
    /// [`Input::Listed`].
    List {
        /// The connection whose messages these are.
        conn: ConnId,
        /// The address.
        url: SecretUrl,
        /// The request's body, as JSON.
        body: String,
    },
    /// Tell the dashboard.
    Emit(Event),
}

/// The actions of one input, in order.
#[derive(Debug, Default)]
pub(super) struct Actions(Vec<Action>);

impl Actions {
    pub(super) fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.push(Action::Emit(event));
    }

    pub(super) fn close(&mut self, conn: ConnId) {
        self.push(Action::Close { conn });
    }

    pub(super) fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.0)
    }
}
