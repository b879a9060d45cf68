//! How the feed comes to a live connection, hands over to the next one, and ends.

use live_dashboard_protocol::frame::event;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::token::Grant;

use super::attempt::Outcome;
use super::catch_up::Page;
use super::link::Link;
use super::{Actions, ConnId, End, Machine, Now, Role};
use crate::feed::HeadStart;
use crate::feed::token::{self, TokenError};
use crate::model::{Event, Problem};
use crate::platform::{HttpError, HttpResponse};

/// The close code of a hub that stops, or ends a connection at its lifetime.
const GOING_AWAY: u16 = 1001;

impl Machine {
    /// Continues from what the hub drew, which the model has.
    pub(super) fn resume(
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

    pub(super) fn connect(&mut self) {
        self.retry.next = None;
        self.attempt.begin(&self.endpoints, &mut self.actions);
    }

    pub(super) fn token_came(&mut self, answer: Result<HttpResponse, HttpError>, now: Now) {
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

    pub(super) fn show(&mut self, layout: Layout) {
        let link = self.live.link.as_ref();
        self.catch_up.set_layout(&layout, link, &mut self.actions);
        self.actions.emit(Event::Layout(layout));
    }

    pub(super) fn attempt_ended(&mut self, outcome: Option<Outcome>, now: Now) {
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
    pub(super) fn take_over(&mut self, complete: bool, now: Now) {
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

    pub(super) fn attempt_frame_came(&mut self, frame: &ReceivedFrame, now: Now) {
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

    /// The hub ended the subscription: the next token request may show why.
    pub(super) fn unsubscribed(&mut self, role: Role, now: Now) {
        let text = "The hub ended the subscription".into();
        if role == Role::Live {
            self.live.close(&mut self.actions);
            self.lost(None, text, now);
        } else {
            self.live.close_successor(&mut self.actions);
            self.failed(text, now);
        }
    }

    pub(super) fn closed(&mut self, conn: ConnId, code: Option<u16>, reason: &str, now: Now) {
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
    pub(super) fn lost(&mut self, code: Option<u16>, text: String, now: Now) {
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

    fn socket_problem(&self, text: String) -> Problem {
        let address = self.endpoints.socket_address();
        Problem { text, address }
    }
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
