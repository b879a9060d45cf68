//! How the feed comes to a live connection, hands over to the next one, and ends.

use live_dashboard_protocol::frame::event;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::token::{DashboardName, Grant};

use super::attempt::{Handshake, Outcome};
use super::link::Link;
use super::live::Successor;
use super::{ConnId, End, Machine, Role};
use crate::feed::HeadStart;
use crate::feed::token::{self, TokenError};
use crate::model::{Event, OlderPoints, Problem, Reach};
use crate::platform::{HttpError, HttpResponse};

/// The close code of a hub that stops, or ends a connection at its lifetime.
const GOING_AWAY: u16 = 1001;

impl Machine {
    /// Continues from what the hub drew, which the model has.
    pub(super) fn resume(&mut self, head_start: &HeadStart) {
        let HeadStart {
            snapshot,
            arrived_at,
        } = head_start;
        let grant = snapshot.grant.clone();
        if !grant.is_given() {
            return self.unknown(String::new(), grant.dashboards);
        }
        let now = self.cx.now;
        self.cx.now.wall = *arrived_at;
        self.clock.set_hub_time(snapshot.grant.time, *arrived_at);
        self.clock.take_shift();
        self.granted(grant);
        self.cx.now = now;
        // The model has these messages already: only their marks are needed.
        let actions = self.cx.actions.len();
        let messages = snapshot.messages.clone();
        self.catch_up
            .resume(messages, &mut self.clock, &mut self.cx);
        self.cx.actions.truncate(actions);
    }

    pub(super) fn connect(&mut self) {
        self.retry.next = None;
        self.attempt.begin(&mut self.cx);
    }

    pub(super) fn token_came(&mut self, answer: Result<HttpResponse, HttpError>) {
        if !self.attempt.take_token_request() {
            return;
        }
        let wait = wait(&answer);
        match token::read(answer, &self.cx.endpoints) {
            Ok(grant) => self.granted(grant),
            Err(TokenError::Refused(reason)) => self.refuse(reason),
            Err(TokenError::Unknown(reason, others)) => self.unknown(reason, others),
            Err(error) => {
                let problem = Problem {
                    text: error.to_string(),
                    address: self.cx.endpoints.token_address(),
                };
                self.retry.fail(problem, &mut self.cx);
                self.retry.not_before(wait, &mut self.cx);
            }
        }
    }

    /// There is no dashboard of the name: the viewer may choose another one.
    fn unknown(&mut self, reason: String, others: Vec<DashboardName>) {
        self.grants.set_dashboards(others, &mut self.cx);
        self.cx.emit(Event::ChooseDashboard);
        self.refuse(reason);
    }

    pub(super) fn probed(&mut self, answer: Result<HttpResponse, HttpError>) {
        let wait = wait(&answer);
        let outcome = self.attempt.probed(answer);
        self.attempt_ended(outcome);
        self.retry.not_before(wait, &mut self.cx);
    }

    fn granted(&mut self, grant: Grant) {
        self.grants.set_dashboards(grant.dashboards, &mut self.cx);
        if self.cx.endpoints.is_undecided() && self.grants.offer_a_choice() {
            self.cx.emit(Event::ChooseDashboard);
            self.end = Some(End::Choice);
            return;
        }
        self.grants.history = grant.history;
        self.grants.compare_page(grant.page_version, &mut self.cx);
        let now = self.cx.now;
        self.clock.set_hub_time(grant.time, now.wall);
        self.emit_clock_shift();
        self.connections += 1;
        let conn = ConnId(self.connections);
        let others = grant.layout.other_channels();
        let link = Link::new(conn, grant.channel.clone(), others, now.monotonic);
        let live = self.live.link.as_ref();
        let later = if live.is_some_and(|live| live.channels[0].name != grant.channel) {
            Some((grant.channel, grant.layout))
        } else {
            self.adopt(grant.channel, grant.layout);
            None
        };
        self.attempt.open(link, &grant.token, later, &mut self.cx);
    }

    /// Shows a grant's channel and layout.
    fn adopt(&mut self, channel: String, layout: Layout) {
        if self.grants.set_channel(channel, &mut self.cx) {
            self.clock.forget_ids();
            self.catch_up.forget();
        }
        self.show(layout);
    }

    pub(super) fn show(&mut self, layout: Layout) {
        let link = self.live.link.as_ref();
        let own = self.grants.channel.as_deref().unwrap_or_default();
        self.catch_up.set_layout(own, &layout, link, &mut self.cx);
        self.cx.emit(Event::Layout(Box::new(layout)));
    }

    pub(super) fn attempt_ended(&mut self, outcome: Option<Outcome>) {
        match outcome {
            None => {}
            Some(Outcome::Subscribed(handshake)) => self.subscribed(*handshake),
            Some(Outcome::Failed(text)) => self.failed(text),
            Some(Outcome::Refused(reason)) => self.refuse(reason),
        }
    }

    fn subscribed(&mut self, Handshake { link, later, .. }: Handshake) {
        if let Some((channel, layout)) = later {
            self.live.close(&mut self.cx);
            self.adopt(channel, layout);
        }
        if self.live.link.is_some() {
            self.live.begin_handover(link, &mut self.cx);
            return;
        }
        self.clock.reconnected();
        self.retry.went_live(self.cx.now);
        self.catch_up.begin(&link, &mut self.cx);
        self.go_live(link);
    }

    fn go_live(&mut self, link: Link) {
        self.retry.next = None;
        if let Some(at) = link.renew_at {
            self.retry.schedule(at - self.cx.now.monotonic, self.cx.now);
        }
        if let (Some(seconds), Some(url)) = (self.grants.history, link.points_url()) {
            let older = OlderPoints::default();
            self.cx.emit(Event::Reach(Reach {
                seconds,
                url,
                older,
            }));
        }
        self.live.link = Some(link);
    }

    /// Ends a handover. Unless the old connection has delivered everything
    /// (`complete`), some messages may be missing.
    pub(super) fn take_over(&mut self, complete: bool) {
        let Some(Successor { link, newest, .. }) = self.live.end_handover(&mut self.cx) else {
            return;
        };
        self.retry.forget_failures();
        if complete {
            self.catch_up.move_to(&link, &mut self.cx);
        } else {
            self.catch_up.interrupt();
            self.catch_up.begin(&link, &mut self.cx);
        }
        self.go_live(link);
        for (other, newest) in newest {
            self.catch_up.reached(other.as_deref(), newest);
        }
    }

    pub(super) fn attempt_frame_came(&mut self, frame: &ReceivedFrame) {
        let outcome = match frame.event.as_str() {
            event::CONNECTED => {
                self.attempt.greeted(frame, &mut self.cx);
                None
            }
            event::SUBSCRIBED => self.attempt.subscribed(frame),
            event::ERROR => self.attempt.error_came(frame, &mut self.cx),
            _ => None,
        };
        self.attempt_ended(outcome);
    }

    /// The hub ended the subscription: the next token request may show why.
    pub(super) fn unsubscribed(&mut self, role: Role) {
        let text = "The hub ended the subscription".into();
        if role == Role::Live {
            self.live.close(&mut self.cx);
            self.lost(None, text);
        } else {
            self.live.close_successor(&mut self.cx);
            self.failed(text);
        }
    }

    pub(super) fn closed(&mut self, conn: ConnId, code: Option<u16>, reason: &str) {
        match self.link(conn).map(|(role, _)| role) {
            Some(Role::Attempt) => {
                let outcome = self.attempt.closed(code, reason, &mut self.cx);
                self.attempt_ended(outcome);
            }
            Some(Role::Live) => {
                self.live.link = None;
                self.lost(code, closed_text(code, reason));
            }
            Some(Role::Successor) => {
                self.live.successor = None;
                self.failed(closed_text(code, reason));
            }
            None => {}
        }
    }

    /// The live connection is gone.
    pub(super) fn lost(&mut self, code: Option<u16>, text: String) {
        let was_steady = self.retry.lost();
        if self.live.successor.is_some() {
            return self.take_over(false);
        }
        self.catch_up.interrupt();
        if !self.attempt.is_idle() {
            // The renewal is underway.
            self.retry.problem = Some(self.socket_problem(text));
        } else if code == Some(GOING_AWAY) && was_steady {
            self.retry.problem = Some(self.socket_problem(text));
            self.retry.schedule_soon(&mut self.cx);
        } else {
            self.failed(text);
        }
    }

    /// A socket failed: another attempt follows after a delay.
    fn failed(&mut self, text: String) {
        let problem = self.socket_problem(text);
        self.retry.fail(problem, &mut self.cx);
    }

    /// The hub refuses the viewer: everything ends.
    fn refuse(&mut self, reason: String) {
        self.attempt.cancel(&mut self.cx);
        self.live.close_successor(&mut self.cx);
        self.live.close(&mut self.cx);
        self.catch_up.interrupt();
        self.retry.next = None;
        self.end = Some(End::Refused(reason));
    }

    fn socket_problem(&self, text: String) -> Problem {
        let address = self.cx.endpoints.socket_address();
        Problem { text, address }
    }
}

/// How many seconds the hub asks to wait.
fn wait(answer: &Result<HttpResponse, HttpError>) -> f64 {
    let seconds = |answer: &HttpResponse| Json::parse(answer.retry_after.as_deref()?)?.number();
    answer.as_ref().ok().and_then(seconds).unwrap_or(0.0)
}

/// How a connection ended.
pub(super) fn closed_text(code: Option<u16>, reason: &str) -> String {
    let what = match code {
        Some(_) => "The hub closed the connection",
        None => "The connection was lost",
    };
    match reason {
        "" => what.into(),
        reason => format!("{what}: {reason}"),
    }
}
