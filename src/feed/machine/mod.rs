//! Decides what the feed does next, without I/O or clocks of its own.
//!
//! Each part owns its state: [`attempt`] makes a connection, [`live`] keeps the
//! one that messages arrive on and hands over to its successor, [`catch_up`]
//! fetches earlier messages, [`clock`] gives messages their order and age,
//! [`retry`] knows when to try again, [`grants`] what the token endpoint said.
//! The machine passes inputs to them and acts on what they return.
//!
//! There is at most one live connection and one attempt at another: the first,
//! one after a failure, or a renewal ahead of the live connection's end.

mod attempt;
mod catch_up;
mod clock;
mod grants;
mod io;
mod link;
mod live;
mod renewal;
mod retry;
#[cfg(test)]
mod tests;

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::frame::{ReceivedFrame, event};
use live_dashboard_protocol::id;
use live_dashboard_protocol::layout::{LAYOUT_CHANGED, Layout};
use live_dashboard_protocol::token::Grant;

use self::attempt::{Attempt, Outcome};
use self::catch_up::{CatchUp, Mark, Page};
use self::clock::MessageClock;
use self::grants::Grants;
use self::io::Actions;
pub use self::io::{Action, ConnId, Input, Now};
use self::link::Link;
use self::live::Live;
use self::retry::{Random, Retry};
use super::token::{self, TokenError};
use super::{Endpoints, HeadStart};
use crate::model::{Connection, Event, Malformed, Problem, decode};
use crate::platform::{HttpError, HttpResponse, SocketEvent};

/// The close code of a hub that stops, or ends a connection at its lifetime.
const GOING_AWAY: u16 = 1001;

/// The feed's state.
#[derive(Debug)]
pub struct Machine {
    endpoints: Endpoints,
    /// Taken by the first attempt to connect.
    head_start: Option<HeadStart>,
    random: Random,
    actions: Actions,
    attempt: Attempt,
    live: Live,
    catch_up: CatchUp,
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
            endpoints,
            head_start,
            random: Random::new(seed),
            actions: Actions::default(),
            attempt: Attempt::default(),
            live: Live::default(),
            catch_up: CatchUp::default(),
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
        if self.clock.observe(input == Input::Visible, now) {
            self.time_jumped(now);
        }
        self.retry.check(now);
        self.take(input, now);
        self.check_deadlines(now);
        self.emit_connection();
        self.live.check_backlog(now, &mut self.actions);
        self.clock.plan(self.wake_at());
        self.actions.take()
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

    fn take(&mut self, input: Input, now: Now) {
        match input {
            Input::Start if self.attempt.is_idle() && self.wake_at().is_none() => {
                match self.head_start.take() {
                    Some(head_start) => self.resume(&head_start, now),
                    None => self.connect(),
                }
            }
            Input::Start | Input::Visible | Input::Timer => {}
            Input::Token(answer) => self.token_came(answer, now),
            Input::Opened(conn, Ok(())) => self.attempt.opened(conn, now),
            Input::Opened(conn, Err(error)) => self.closed(conn, None, &error.to_string(), now),
            Input::Socket(conn, SocketEvent::Closed { code, reason }) => {
                self.closed(conn, code, &reason, now);
            }
            Input::Socket(conn, SocketEvent::Text(text)) => {
                self.frame_came(conn, ReceivedFrame::parse(&text), now);
            }
            Input::Socket(conn, SocketEvent::Binary) => self.frame_came(conn, None, now),
            Input::Probe(answer) => {
                let outcome = self.attempt.probed(answer);
                self.attempt_ended(outcome, now);
            }
            Input::Listed(conn, answer) => self.catch_up.page_came(
                conn,
                answer,
                &mut self.clock,
                &mut self.random,
                now,
                &mut self.actions,
            ),
        }
    }

    fn check_deadlines(&mut self, now: Now) {
        let outcome = self.attempt.check(now, &mut self.actions);
        self.attempt_ended(outcome, now);
        if self.live.handover_is_due(now) {
            self.take_over(false, now);
        }
        if self.live.check(now, &mut self.actions) {
            self.lost(None, "The hub stopped responding".into(), now);
        }
        self.catch_up.check(now, &mut self.actions);
        if self.retry.is_due(now) {
            self.connect();
        }
    }

    /// The machine slept, or its clock was set.
    fn time_jumped(&mut self, now: Now) {
        if self.live.link.is_some() {
            self.live.await_backlog(now, &mut self.actions);
        } else if self.retry.next.is_some() {
            self.retry.forget_failures();
            self.retry.schedule(0.0, now);
        }
    }

    /// Continues from what the hub drew, which the model has.
    fn resume(
        &mut self,
        HeadStart {
            snapshot,
            arrived_at,
        }: &HeadStart,
        now: Now,
    ) {
        let then = Now {
            wall: *arrived_at,
            ..now
        };
        self.clock.set_hub_time(snapshot.grant.time, then.wall);
        self.clock.take_shift();
        self.granted(snapshot.grant.clone(), then);
        let messages = snapshot.messages.clone();
        let page = Page::of(messages, &mut self.clock, now, &mut Actions::default());
        self.catch_up.resume(page);
    }

    fn connect(&mut self) {
        self.retry.next = None;
        self.attempt.begin(&self.endpoints, &mut self.actions);
    }

    fn token_came(&mut self, answer: Result<HttpResponse, HttpError>, now: Now) {
        if !self.attempt.take_token_request() {
            return;
        }
        match token::read(answer, &self.endpoints) {
            Ok(grant) => self.granted(grant, now),
            Err(TokenError::Refused(reason)) => self.refuse(reason),
            Err(error) => {
                let problem = Problem {
                    text: error.to_string(),
                    address: self.endpoints.token_address(),
                };
                self.retry.fail(problem, &mut self.random, now);
            }
        }
    }

    fn granted(&mut self, grant: Grant, now: Now) {
        let actions = &mut self.actions;
        self.grants.set_dashboards(grant.dashboards, actions);
        if self.endpoints.is_undecided() && self.grants.offer_a_choice() {
            actions.emit(Event::ChooseDashboard);
            self.end = Some(End::Choice);
            return;
        }
        self.grants.compare_page(grant.page_version, actions);
        self.clock.set_hub_time(grant.time, now.wall);
        self.emit_clock_shift();
        self.connections += 1;
        let conn = ConnId(self.connections);
        let link = Link::new(conn, grant.channel.clone(), now.monotonic);
        let live = self.live.link.as_ref();
        let later = if live.is_some_and(|live| live.channel != grant.channel) {
            Some(Box::new((grant.channel, grant.layout)))
        } else {
            self.adopt(grant.channel, grant.layout);
            None
        };
        let (endpoints, actions) = (&self.endpoints, &mut self.actions);
        self.attempt
            .open(link, &grant.token, later, endpoints, now, actions);
    }

    /// Shows a grant's channel and layout.
    fn adopt(&mut self, channel: String, layout: Layout) {
        if self.grants.set_channel(channel, &mut self.actions) {
            self.clock.forget_ids();
            self.catch_up.forget();
        }
        self.show(layout);
    }

    fn show(&mut self, layout: Layout) {
        let link = self.live.link.as_ref();
        self.catch_up.set_layout(&layout, link, &mut self.actions);
        self.actions.emit(Event::Layout(layout));
    }

    fn attempt_ended(&mut self, outcome: Option<Outcome>, now: Now) {
        match outcome {
            None => {}
            Some(Outcome::Subscribed(link, later)) => self.subscribed(link, later, now),
            Some(Outcome::Failed(text)) => self.failed(text, now),
            Some(Outcome::Refused(reason)) => self.refuse(reason),
        }
    }

    fn subscribed(&mut self, link: Link, later: Option<Box<(String, Layout)>>, now: Now) {
        if let Some(later) = later {
            let (channel, layout) = *later;
            self.live.close(&mut self.actions);
            self.adopt(channel, layout);
        }
        if self.live.link.is_some() {
            self.live.begin_handover(link, now, &mut self.actions);
            return;
        }
        self.clock.reconnected();
        self.retry.went_live(now);
        self.catch_up.begin(&link, &mut self.actions);
        self.go_live(link, now);
    }

    fn go_live(&mut self, link: Link, now: Now) {
        self.retry.next = None;
        if let Some(at) = link.renew_at {
            self.retry.schedule(at - now.monotonic, now);
        }
        self.live.link = Some(link);
    }

    /// Ends a handover. Unless the old connection has delivered everything
    /// (`complete`), some messages may be missing.
    fn take_over(&mut self, complete: bool, now: Now) {
        let Some((link, newest)) = self.live.end_handover(&mut self.actions) else {
            return;
        };
        self.retry.forget_failures();
        if complete {
            self.catch_up.move_to(&link, &mut self.actions);
        } else {
            self.catch_up.interrupt();
            self.catch_up.begin(&link, &mut self.actions);
        }
        self.go_live(link, now);
        if let Some(newest) = newest {
            self.catch_up.reached(newest);
        }
    }

    /// A frame arrived; `None` if it cannot be read.
    fn frame_came(&mut self, conn: ConnId, frame: Option<ReceivedFrame>, now: Now) {
        let Some((role, link)) = self.link(conn) else {
            return;
        };
        link.hear(now.monotonic);
        let Some(frame) = frame else {
            return self.actions.emit(Event::Malformed);
        };
        let is_ours = link.is_about(&frame);
        match (frame.event.as_str(), role) {
            (event::PING, _) => {
                let text = Command::encode(event::PONG, None);
                self.actions.push(Action::Send { conn, text });
            }
            (_, Role::Attempt) => self.attempt_frame_came(&frame, now),
            (event::PONG, Role::Live) => self.pong_came(now),
            _ if !is_ours => {}
            (event::UNSUBSCRIBED, role) => self.unsubscribed(role, now),
            (LAYOUT_CHANGED, _) => self.layout_came(conn, &frame, now),
            (_, role) => self.message_came(role, &frame, now),
        }
    }

    fn attempt_frame_came(&mut self, frame: &ReceivedFrame, now: Now) {
        let actions = &mut self.actions;
        let outcome = match frame.event.as_str() {
            event::CONNECTED => {
                let random = &mut self.random;
                self.attempt
                    .greeted(frame, &self.endpoints, random, now, actions);
                None
            }
            event::SUBSCRIBED => self.attempt.subscribed(frame),
            event::ERROR => self.attempt.error_came(frame, actions),
            _ => None,
        };
        self.attempt_ended(outcome, now);
    }

    fn pong_came(&mut self, now: Now) {
        if self.live.link.as_mut().is_some_and(Link::pong) {
            // Everything before the pong has arrived.
            self.clock.trust();
            self.take_over(true, now);
        }
    }

    fn message_came(&mut self, role: Role, frame: &ReceivedFrame, now: Now) {
        let stamp = self.clock.stamp_live(frame.id.as_deref(), now.wall);
        self.emit_clock_shift();
        let order = stamp.order;
        let id = frame.id.clone().filter(|id| id::number(id).is_some());
        let mark = id.map(|id| Mark { order, id });
        if role == Role::Live && mark.is_some() && self.clock.is_backlogged(stamp, now) {
            self.live.await_backlog(now, &mut self.actions);
        }
        let message = match decode(frame, stamp) {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(Malformed) => return self.actions.emit(Event::Malformed),
        };
        if let Some(mark) = mark {
            match &mut self.live.successor {
                Some(successor) if role == Role::Successor => successor.reached(mark),
                _ => self.catch_up.reached(mark),
            }
        }
        self.actions.emit(Event::Message(message, stamp));
    }

    /// The layout of a dashboard on this channel changed. If its channel did
    /// too, a new token leads there.
    fn layout_came(&mut self, conn: ConnId, frame: &ReceivedFrame, now: Now) {
        let Some(layout) = Layout::from_json(&frame.data) else {
            return self.actions.emit(Event::Malformed);
        };
        let dashboard = frame.data.get("dashboard").text();
        if dashboard.is_some_and(|name| name != self.endpoints.dashboard_name()) {
            return;
        }
        let is_here = self.link(conn).is_some_and(|(_, link)| {
            let channel = layout.channel.as_ref();
            channel.is_none_or(|channel| link.is_called(channel))
        });
        if is_here {
            self.show(layout);
        } else if self.attempt.is_idle() && self.live.successor.is_none() {
            // A message that comes during an attempt is not lost: the hub
            // repeats it.
            self.retry.schedule_soon(&mut self.random, now);
        }
    }

    /// The hub ended the subscription: the next token request may show why.
    fn unsubscribed(&mut self, role: Role, now: Now) {
        let text = "The hub ended the subscription".into();
        if role == Role::Live {
            self.live.close(&mut self.actions);
            self.lost(None, text, now);
        } else {
            self.live.close_successor(&mut self.actions);
            self.failed(text, now);
        }
    }

    fn closed(&mut self, conn: ConnId, code: Option<u16>, reason: &str, now: Now) {
        match self.link(conn).map(|(role, _)| role) {
            Some(Role::Attempt) => {
                let outcome = self.attempt.closed(code, reason, &mut self.actions);
                self.attempt_ended(outcome, now);
            }
            Some(Role::Live) => {
                self.live.link = None;
                self.lost(code, closed_text(code, reason), now);
            }
            Some(Role::Successor) => {
                self.live.successor = None;
                self.failed(closed_text(code, reason), now);
            }
            None => {}
        }
    }

    /// The live connection is gone.
    fn lost(&mut self, code: Option<u16>, text: String, now: Now) {
        let was_steady = self.retry.lost();
        if self.live.successor.is_some() {
            return self.take_over(false, now);
        }
        self.catch_up.interrupt();
        if !self.attempt.is_idle() {
            // The renewal is underway.
            self.retry.problem = Some(self.socket_problem(text));
        } else if code == Some(GOING_AWAY) && was_steady {
            self.retry.problem = Some(self.socket_problem(text));
            self.retry.schedule_soon(&mut self.random, now);
        } else {
            self.failed(text, now);
        }
    }

    /// A socket failed: another attempt follows after a delay.
    fn failed(&mut self, text: String, now: Now) {
        let problem = self.socket_problem(text);
        self.retry.fail(problem, &mut self.random, now);
    }

    /// The hub refuses the viewer: everything ends.
    fn refuse(&mut self, reason: String) {
        self.attempt.cancel(&mut self.actions);
        self.live.close_successor(&mut self.actions);
        self.live.close(&mut self.actions);
        self.catch_up.interrupt();
        self.retry.next = None;
        self.end = Some(End::Refused(reason));
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

    fn socket_problem(&self, text: String) -> Problem {
        let address = self.endpoints.socket_address();
        Problem { text, address }
    }

    fn emit_connection(&mut self) {
        let connection = self.connection();
        if connection != self.emitted {
            self.emitted = connection.clone();
            self.actions.emit(Event::Connection(connection));
        }
    }

    fn connection(&self) -> Connection {
        if let Some(End::Refused(reason)) = &self.end {
            let reason = reason.clone();
            return Connection::Refused { reason };
        }
        match (&self.live.link, self.retry.problem.clone()) {
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
            self.actions.emit(Event::ClockShift(milliseconds));
        }
    }
}

/// How a connection ended.
fn closed_text(code: Option<u16>, reason: &str) -> String {
    let what = match code {
        Some(_) => "The hub closed the connection",
        None => "The connection was lost",
    };
    match reason {
        "" => what.into(),
        reason => format!("{what}: {reason}"),
    }
}
