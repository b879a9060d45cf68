//! Decides what the feed does next, without I/O or clocks of its own.
//!
//! Each part owns its state: [`attempt`] makes a connection, [`live`] keeps the
//! one that messages arrive on and hands over to its successor, [`catch_up`]
//! fetches earlier messages, [`clock`] gives messages their order and age,
//! [`retry`] knows when to try again, [`grants`] what the token endpoint said.
//! This file passes inputs to them and reads the frames of a live connection;
//! [`lifecycle`] acts on how connections begin and end.
//!
//! At most two sockets are in use: the live connection's, and that of an attempt at its
//! replacement or, during a handover, of its successor.

mod attempt;
mod catch_up;
mod clock;
mod grants;
mod lifecycle;
mod link;
mod live;
mod renewal;
mod retry;
#[cfg(test)]
mod tests;

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::frame::event;
use live_dashboard_protocol::id;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{LAYOUT_CHANGED, Layout};
use live_dashboard_protocol::message::ReceivedFrame;

use self::attempt::Attempt;
use self::catch_up::{CatchUps, Mark};
use self::clock::MessageClock;
use self::grants::Grants;
use self::link::Link;
use self::live::Live;
use self::retry::{Random, Retry};
use super::{Endpoints, HeadStart, SecretUrl};
use crate::model::{Connection, Event, Malformed, decode};
use crate::platform::{HttpError, HttpResponse, SocketError, SocketEvent};

/// Names a socket, from its [`Action::Open`] to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnId(u64);

/// The time by two clocks, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
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
    /// The outcome of [`Action::List`] for this channel.
    Listed(ConnId, String, Result<HttpResponse, HttpError>),
    /// The page became visible.
    Visible,
    /// The time of [`Machine::wake_at`] has come.
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
        /// The channel by the token's name for it.
        channel: String,
        /// The address.
        url: SecretUrl,
        /// The request's body, as JSON.
        body: String,
    },
    /// Tell the dashboard.
    Emit(Event),
}

/// The feed's state.
#[derive(Debug)]
pub struct Machine {
    cx: Context,
    /// Taken by the first attempt to connect.
    head_start: Option<HeadStart>,
    attempt: Attempt,
    live: Live,
    catch_up: CatchUps,
    clock: MessageClock,
    retry: Retry,
    grants: Grants,
    end: Option<End>,
    /// The connection's state as last emitted.
    emitted: Connection,
    connections: u64,
}

/// Why the feed has ended.
#[derive(Debug)]
enum End {
    Refused(String),
    /// The viewer must choose a dashboard.
    Choice,
}

/// The part that a socket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Attempt,
    Live,
    Successor,
}

impl Machine {
    /// A feed that waits for [`Input::Start`]. The seed randomizes its delays.
    /// With a head start it connects without a request for a token.
    pub fn new(endpoints: Endpoints, head_start: Option<HeadStart>, seed: u64) -> Self {
        Self {
            cx: Context {
                endpoints,
                now: Now::default(),
                random: Random::new(seed),
                actions: Vec::new(),
            },
            head_start,
            attempt: Attempt::default(),
            live: Live::default(),
            catch_up: CatchUps::default(),
            clock: MessageClock::default(),
            retry: Retry::default(),
            grants: Grants::default(),
            end: None,
            emitted: Connection::Connecting,
            connections: 0,
        }
    }

    /// Takes an input and the time; returns what to do, in order.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Action> {
        if self.is_over() {
            return Vec::new();
        }
        self.cx.now = now;
        if self.clock.observe(input == Input::Visible, now) {
            self.time_jumped();
        }
        self.retry.check(now);
        self.take(input);
        self.check_deadlines();
        self.emit_connection();
        self.live.check_backlog(&mut self.cx);
        self.clock.plan(self.wake_at());
        std::mem::take(&mut self.cx.actions)
    }

    /// When to call with [`Input::Timer`] unless something happens before, by
    /// the monotonic clock.
    pub fn wake_at(&self) -> Option<f64> {
        let next = self.retry.next.map(|next| next.monotonic);
        let others = [self.attempt.deadline(), self.catch_up.wake_at(), next];
        self.live
            .wake_at()
            .chain(others.into_iter().flatten())
            .reduce(f64::min)
    }

    /// Whether the feed has ended: the hub refuses the viewer, or the viewer
    /// must choose a dashboard.
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Start if self.attempt.is_idle() && self.wake_at().is_none() => {
                match self.head_start.take() {
                    Some(head_start) => self.resume(&head_start),
                    None => self.connect(),
                }
            }
            Input::Start | Input::Visible | Input::Timer => {}
            Input::Token(answer) => self.token_came(answer),
            Input::Opened(conn, Ok(())) => self.attempt.opened(conn, self.cx.now),
            Input::Opened(conn, Err(error)) => self.closed(conn, None, &error.to_string()),
            Input::Socket(conn, SocketEvent::Closed { code, reason }) => {
                self.closed(conn, code, &reason);
            }
            Input::Socket(conn, SocketEvent::Text(text)) => {
                self.frame_came(conn, ReceivedFrame::parse(&text));
            }
            Input::Socket(conn, SocketEvent::Binary) => self.frame_came(conn, None),
            Input::Probe(answer) => self.probed(answer),
            Input::Listed(conn, channel, answer) => {
                let (clock, cx) = (&mut self.clock, &mut self.cx);
                self.catch_up.page_came(conn, &channel, answer, clock, cx);
            }
        }
    }

    fn check_deadlines(&mut self) {
        let outcome = self.attempt.check(&mut self.cx);
        self.attempt_ended(outcome);
        if self.live.handover_is_due(self.cx.now) {
            self.take_over(false);
        }
        if self.live.check(&mut self.cx) {
            self.lost(None, "The hub stopped responding".into());
        }
        self.catch_up.check(&mut self.cx);
        if self.retry.is_due(self.cx.now) {
            self.connect();
        }
    }

    /// The computer slept, or its clock was set.
    fn time_jumped(&mut self) {
        if self.live.link.is_some() {
            self.live.await_backlog(&mut self.cx);
        } else if self.retry.next.is_some() {
            self.retry.forget_failures();
            self.retry.schedule(0.0, self.cx.now);
        }
    }

    /// A frame arrived; `None` if it cannot be read.
    fn frame_came(&mut self, conn: ConnId, frame: Option<ReceivedFrame>) {
        let now = self.cx.now.monotonic;
        let Some((role, link)) = self.link(conn) else {
            return;
        };
        link.hear(now);
        let Some(frame) = frame else {
            return self.malformed("a frame is not a message".into(), None);
        };
        let place = link.channel_of(&frame);
        let other = place.filter(|place| *place > 0);
        let other = other.map(|place| link.channels[place].name.clone());
        match (frame.event.as_str(), role) {
            (event::PING, _) => {
                let text = Command::encode(event::PONG, None);
                self.cx.push(Action::Send { conn, text });
            }
            (_, Role::Attempt) => match place {
                Some(place) if frame.id.is_some() && self.attempt.shows(place) => {
                    self.message_came(role, other.as_deref(), &frame);
                }
                _ => self.attempt_frame_came(&frame),
            },
            (event::PONG, Role::Live) => self.pong_came(),
            _ if place.is_none() => {}
            (event::UNSUBSCRIBED, role) => self.unsubscribed(role),
            (event::INTERRUPTED, _) => {
                link.is_interrupted = matches!(frame.data, Json::Bool(true));
            }
            (LAYOUT_CHANGED, _) if other.is_some() => {}
            (LAYOUT_CHANGED, _) => self.layout_came(conn, &frame),
            (_, role) => self.message_came(role, other.as_deref(), &frame),
        }
    }

    fn pong_came(&mut self) {
        if self.live.link.as_mut().is_some_and(Link::pong) {
            // Everything before the pong has arrived.
            self.clock.trust();
            self.take_over(true);
        }
    }

    /// A message arrived, from another channel than the dashboard's own if `other` names it.
    fn message_came(&mut self, role: Role, other: Option<&str>, frame: &ReceivedFrame) {
        let stamp = self.clock.stamp_live(frame.id.as_deref(), self.cx.now.wall);
        self.emit_clock_shift();
        let order = stamp.order;
        let id = frame.id.clone().filter(|id| id::number(id).is_some());
        let mark = id.map(|id| Mark { order, id });
        if role == Role::Live && mark.is_some() && self.clock.is_backlogged(stamp, self.cx.now) {
            self.live.await_backlog(&mut self.cx);
        }
        let message = match decode(frame, other, stamp) {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(malformed) => return self.cx.emit(Event::Malformed(malformed, stamp)),
        };
        if let Some(mark) = mark {
            match &mut self.live.successor {
                Some(successor) if role == Role::Successor => successor.reached(other, mark),
                // What precedes it on a new connection is not known yet.
                _ if role == Role::Attempt => {}
                _ => self.catch_up.reached(other, mark),
            }
        }
        self.cx.emit(Event::Message(message, stamp));
    }

    fn malformed(&mut self, rule: String, id: Option<&str>) {
        let stamp = self.clock.stamp_live(id, self.cx.now.wall);
        self.cx.emit(Event::Malformed(Malformed(rule), stamp));
    }

    /// The layout of a dashboard on this channel changed. If its channels did
    /// too, a new token leads there.
    fn layout_came(&mut self, conn: ConnId, frame: &ReceivedFrame) {
        let Some(layout) = Layout::from_json(&frame.data) else {
            let rule = format!("the layout is not readable ({LAYOUT_CHANGED})");
            return self.malformed(rule, frame.id.as_deref());
        };
        let dashboard = frame.data.get("dashboard").text();
        if dashboard.is_some_and(|name| name != self.cx.endpoints.dashboard_name()) {
            return;
        }
        let Some((_, link)) = self.link(conn) else {
            return;
        };
        let own = layout.channel.clone();
        let layout = layout.qualify(own.as_ref().unwrap_or(&link.channels[0].name));
        if link.has_channels_of(&layout) {
            self.show(layout);
        } else if self.attempt.is_idle() && self.live.successor.is_none() {
            // A message that comes during an attempt is not lost: the hub
            // repeats it.
            self.retry.schedule_soon(&mut self.cx);
        }
    }

    /// An open or opening socket, and its part in this; `None` if it is no
    /// longer wanted.
    fn link(&mut self, conn: ConnId) -> Option<(Role, &mut Link)> {
        let attempt = self.attempt.link();
        let successor = self.live.successor.as_mut();
        [
            attempt.map(|link| (Role::Attempt, link)),
            self.live.link.as_mut().map(|link| (Role::Live, link)),
            successor.map(|successor| (Role::Successor, &mut successor.link)),
        ]
        .into_iter()
        .flatten()
        .find(|(_, link)| link.conn == conn)
    }

    fn emit_connection(&mut self) {
        let connection = self.connection();
        if connection != self.emitted {
            self.emitted = connection.clone();
            self.cx.emit(Event::Connection(connection));
        }
    }

    fn connection(&self) -> Connection {
        if let Some(End::Refused(reason)) = &self.end {
            let reason = reason.clone();
            return Connection::Refused { reason };
        }
        match (&self.live.link, self.retry.problem.clone()) {
            (Some(live), _) if live.is_interrupted => Connection::Interrupted,
            (Some(_), _) => Connection::Live,
            (None, None) => Connection::Connecting,
            (None, Some(problem)) => Connection::Reconnecting {
                retry_at: self.retry.next.map(|next| next.wall),
                problem,
            },
        }
    }

    fn emit_clock_shift(&mut self) {
        if let Some(milliseconds) = self.clock.take_shift() {
            self.cx.emit(Event::ClockShift(milliseconds));
        }
    }
}

/// What all parts need to act on an input.
#[derive(Debug)]
struct Context {
    endpoints: Endpoints,
    /// The time of the input.
    now: Now,
    random: Random,
    /// What to do, in order.
    actions: Vec<Action>,
}

impl Context {
    fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    fn emit(&mut self, event: Event) {
        self.push(Action::Emit(event));
    }

    fn close(&mut self, conn: ConnId) {
        self.push(Action::Close { conn });
    }
}
