//! Decides what the feed does next, without doing it: no I/O, no clock.
//!
//! At any time there is at most one live connection and at most one attempt at
//! a new one: the first, one after a failure, or one ahead of the live
//! connection's end. A connection made ahead of time takes over from the live
//! one without a gap (`live.rs`).

mod attempt;
mod catch_up;
mod io;
mod link;
mod live;
mod probe;
mod sleep;
#[cfg(test)]
mod tests;

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::frame::{ReceivedFrame, event};
use live_dashboard_protocol::layout::{LAYOUT_CHANGED, Layout};
use live_dashboard_protocol::token::DashboardName;

use self::attempt::Attempt;
use self::catch_up::{CatchUp, Mark};
pub use self::io::{Action, ConnId, Input, Now};
use self::link::Link;
use self::live::Handover;
use super::Endpoints;
use super::backoff::{self, Random};
use super::seen::Seen;
use super::stamper::Stamper;
use crate::model::{Connection, Event, Problem};
use crate::platform::SocketEvent;

/// How long a connection must have been live for earlier failures to be
/// forgiven, in milliseconds.
const STEADY: f64 = 10_000.0;
/// How long at most until the first try after the hub said that it is going
/// away, in milliseconds: not every viewer at once.
const GOING_AWAY: f64 = 1_000.0;

/// The feed's state.
#[derive(Debug)]
pub struct Machine {
    endpoints: Endpoints,
    random: Random,
    actions: Vec<Action>,
    attempt: Option<Attempt>,
    live: Option<Link>,
    handover: Option<Handover>,
    next_attempt: Option<Now>,
    /// Failures in a row.
    failures: u32,
    /// Until when the live connection has yet to prove itself.
    unsteady_until: Option<f64>,
    /// What went wrong last.
    problem: Option<Problem>,
    refused: Option<String>,
    /// Whether the last attempt's token was answered with 401.
    unauthorized: bool,
    channel: Option<String>,
    page_version: Option<String>,
    told_newer_page: bool,
    seen: Seen,
    stamper: Stamper,
    catch_up: Option<CatchUp>,
    /// The newest message of the channel.
    newest: Option<Mark>,
    /// The message after which some are missing that have yet to be asked for.
    unfilled: Option<Mark>,
    /// The newest messages of each event have yet to be asked for.
    to_look_back: bool,
    /// The channel's points are stored, as far as is known.
    stores_points: bool,
    dashboards: Vec<DashboardName>,
    /// Whether the viewer is to choose one of them.
    choosing: bool,
    /// How many points the layout's largest chart shows.
    points: usize,
    /// The keys of all that the layout shows.
    keys: Vec<String>,
    /// Until when a backlog may be on its way, by the monotonic clock.
    behind_until: Option<f64>,
    /// When a message was late the last time, by the monotonic clock.
    late_at: Option<f64>,
    /// When something happened last.
    last: Option<Now>,
    /// When something was to happen next, by the monotonic clock.
    planned: Option<f64>,
    connections: u64,
    unnamed_messages: u64,
    told: Connection,
}

/// Which of its sockets the machine hears from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Attempt,
    Live,
    Successor,
}

impl Machine {
    /// A feed that waits for [`Input::Start`]. The seed spreads its pauses.
    pub fn new(endpoints: Endpoints, seed: u64) -> Self {
        Self {
            endpoints,
            random: Random::new(seed),
            actions: Vec::new(),
            attempt: None,
            live: None,
            handover: None,
            next_attempt: None,
            failures: 0,
            unsteady_until: None,
            problem: None,
            refused: None,
            unauthorized: false,
            channel: None,
            page_version: None,
            told_newer_page: false,
            seen: Seen::default(),
            stamper: Stamper::default(),
            catch_up: None,
            newest: None,
            unfilled: None,
            to_look_back: true,
            stores_points: false,
            dashboards: Vec::new(),
            choosing: false,
            points: 0,
            keys: Vec::new(),
            behind_until: None,
            late_at: None,
            last: None,
            planned: None,
            connections: 0,
            unnamed_messages: 0,
            told: Connection::Connecting,
        }
    }

    /// Takes what happened, and the time; gives what to do, in order.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Action> {
        if !self.is_over() {
            self.notice_a_jump(&input, now);
            self.forgive(now);
            self.take(input, now);
            self.check_deadlines(now);
            self.tell_connection();
            self.tell_of_the_backlog(now);
        }
        self.planned = self.wake_at();
        std::mem::take(&mut self.actions)
    }

    /// When to come back with [`Input::Timer`] if nothing happens before, by
    /// the monotonic clock.
    pub fn wake_at(&self) -> Option<f64> {
        [
            self.attempt.as_ref().and_then(Attempt::deadline),
            self.handover.as_ref().map(|handover| handover.until),
            self.live.as_ref().map(Link::wake_at),
            self.next_attempt.map(|next| next.monotonic),
            self.catch_up.as_ref().and_then(CatchUp::wake_at),
            self.behind_until,
        ]
        .into_iter()
        .flatten()
        .reduce(f64::min)
    }

    /// Whether the feed has ended: the hub refuses it, or the viewer is to
    /// choose a dashboard.
    pub fn is_over(&self) -> bool {
        self.refused.is_some() || self.choosing
    }

    fn take(&mut self, input: Input, now: Now) {
        match input {
            Input::Start => {
                if self.wake_at().is_none() && self.attempt.is_none() {
                    self.begin_attempt();
                }
            }
            Input::Token(answer) => self.token_came(answer, now),
            Input::Opened(conn, Ok(())) => self.socket_opened(conn, now),
            Input::Opened(conn, Err(error)) => self.closed(conn, None, error.to_string(), now),
            Input::Socket(conn, SocketEvent::Text(text)) => self.text_came(conn, &text, now),
            Input::Socket(conn, SocketEvent::Binary) => {
                if self.hear(conn, now).is_some() {
                    self.malformed();
                }
            }
            Input::Socket(conn, SocketEvent::Closed { code, reason }) => {
                self.closed(conn, code, reason, now);
            }
            Input::Probe(answer) => self.probe_came(answer, now),
            Input::Listed(conn, answer) => self.page_came(conn, answer, now),
            Input::InSight | Input::Timer => {}
        }
    }

    fn check_deadlines(&mut self, now: Now) {
        self.check_attempt(now);
        self.check_live(now);
        self.check_catching_up(now);
        if self
            .next_attempt
            .is_some_and(|next| now.monotonic >= next.monotonic)
        {
            self.begin_attempt();
        }
    }

    fn text_came(&mut self, conn: ConnId, text: &str, now: Now) {
        let Some(role) = self.hear(conn, now) else {
            return;
        };
        let Some(frame) = ReceivedFrame::parse(text) else {
            self.malformed();
            return;
        };
        match frame.event.as_str() {
            event::PING => self.send(conn, event::PONG),
            event::PONG => self.pong_came(role, now),
            event::CONNECTED if role == Role::Attempt => self.connected(&frame, now),
            event::SUBSCRIBED if role == Role::Attempt => self.subscribed(&frame, now),
            event::UNSUBSCRIBED if role != Role::Attempt => self.unsubscribed(role, &frame, now),
            event::ERROR if role == Role::Attempt => self.error_came(&frame, now),
            LAYOUT_CHANGED if role != Role::Attempt => self.layout_came(role, &frame, now),
            _ => self.message_came(role, &frame, now),
        }
    }

    /// Takes note of a sign of life; `None` for a socket that is no longer
    /// wanted.
    fn hear(&mut self, conn: ConnId, now: Now) -> Option<Role> {
        let (role, link) = self
            .links()
            .into_iter()
            .flatten()
            .find(|(_, link)| link.conn == conn)?;
        link.hear(now.monotonic);
        Some(role)
    }

    fn links(&mut self) -> [Option<(Role, &mut Link)>; 3] {
        let attempt = self.attempt.as_mut().and_then(Attempt::link);
        let successor = self.handover.as_mut().map(|handover| &mut handover.link);
        [
            attempt.map(|link| (Role::Attempt, link)),
            self.live.as_mut().map(|link| (Role::Live, link)),
            successor.map(|link| (Role::Successor, link)),
        ]
    }

    /// A frame that cannot be read.
    pub(super) fn malformed(&mut self) {
        self.emit(Event::Malformed);
    }

    fn closed(&mut self, conn: ConnId, code: Option<u16>, reason: String, now: Now) {
        let role = self
            .links()
            .into_iter()
            .flatten()
            .find_map(|(role, link)| (link.conn == conn).then_some(role));
        match role {
            Some(Role::Attempt) => self.attempt_closed(code, &reason, now),
            Some(Role::Live) => {
                self.live = None;
                self.lost(code, &closing(code, &reason), now);
            }
            Some(Role::Successor) => {
                self.handover = None;
                self.failed(self.socket_problem(closing(code, &reason)), now);
            }
            None => {}
        }
    }

    /// Takes over what a token's answer says beside the token.
    fn adopt(&mut self, channel: String, layout: Layout) {
        if self.channel.as_ref() != Some(&channel) {
            if self.channel.is_some() {
                self.emit(Event::ChannelChanged);
            }
            self.seen = Seen::default();
            self.stamper.forget_ids();
            self.newest = None;
            self.unfilled = None;
            self.catch_up = None;
            self.to_look_back = true;
            self.stores_points = false;
            self.channel = Some(channel);
        }
        self.show(layout);
    }

    pub(super) fn show(&mut self, layout: Layout) {
        let points = layout.chart.iter().map(|chart| chart.points).max();
        self.points = points.unwrap_or_default();
        let series = layout.chart.iter().flat_map(|chart| &chart.series);
        let keys: Vec<String> = series
            .map(|series| &series.key)
            .chain(layout.stat.iter().map(|stat| &stat.key))
            .cloned()
            .collect();
        let more = keys.iter().any(|key| !self.keys.contains(key));
        self.keys = keys;
        self.emit(Event::Layout(layout));
        if more {
            self.look_back();
        }
    }

    /// An attempt failed: the next one follows after a pause.
    fn failed(&mut self, problem: Problem, now: Now) {
        self.attempt = None;
        self.problem = Some(problem);
        self.failures = self.failures.saturating_add(1);
        let pause = backoff::pause(self.failures, &mut self.random);
        self.schedule(pause, now);
    }

    fn schedule(&mut self, pause: f64, now: Now) {
        self.next_attempt = Some(Now {
            monotonic: now.monotonic + pause,
            wall: now.wall + pause,
        });
    }

    fn forgive(&mut self, now: Now) {
        if self.live.is_some() && self.unsteady_until.is_some_and(|at| now.monotonic >= at) {
            self.failures = 0;
            self.unsteady_until = None;
        }
    }

    /// The hub said no for good: everything ends.
    fn refuse(&mut self, reason: String) {
        let conns: Vec<ConnId> = self
            .links()
            .into_iter()
            .flatten()
            .map(|(_, link)| link.conn)
            .collect();
        for conn in conns {
            self.close(conn);
        }
        self.attempt = None;
        self.live = None;
        self.handover = None;
        self.catch_up = None;
        self.next_attempt = None;
        self.refused = Some(reason);
    }

    fn tell_connection(&mut self) {
        let connection = self.connection();
        if connection != self.told {
            self.told = connection.clone();
            self.emit(Event::Connection(connection));
        }
    }

    fn connection(&self) -> Connection {
        match (&self.refused, &self.live, &self.problem) {
            (Some(reason), ..) => Connection::Refused {
                reason: reason.clone(),
            },
            (None, Some(_), _) => Connection::Live,
            (None, None, None) => Connection::Connecting,
            (None, None, Some(problem)) => Connection::Reconnecting {
                retry_at: self.next_attempt.map(|next| next.wall),
                problem: problem.clone(),
            },
        }
    }

    fn socket_problem(&self, text: String) -> Problem {
        Problem {
            text,
            address: self.endpoints.socket_address(),
        }
    }

    fn send(&mut self, conn: ConnId, event: &str) {
        let text = Command::encode(event, None);
        self.actions.push(Action::Send { conn, text });
    }

    fn close(&mut self, conn: ConnId) {
        self.actions.push(Action::Close { conn });
    }

    fn emit(&mut self, event: Event) {
        self.actions.push(Action::Emit(event));
    }
}

/// How a connection ended, as a sentence.
fn closing(code: Option<u16>, reason: &str) -> String {
    let what = match code {
        Some(1001) => "The hub ended the connection",
        Some(_) => "The hub closed the connection",
        None => "The connection was lost",
    };
    match reason {
        "" => format!("{what}."),
        reason => format!("{what}: {reason}"),
    }
}
