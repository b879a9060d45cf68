//! The live connection: messages, silence, loss, and the handover to the next.
//!
//! A connection that ends soon hands over to its successor. From the moment
//! the successor is subscribed, everything published reaches it; what was
//! published before is still on its way on the old one. So the old one is
//! pinged and listened to until its pong, which comes after all of that, while
//! what the successor brings is held; then the held messages follow, without
//! those that came on both.

use live_dashboard_protocol::frame::{ReceivedFrame, event};
use live_dashboard_protocol::id;
use live_dashboard_protocol::layout::Layout;

use super::catch_up::Mark;
use super::link::{Link, Pulse};
use super::{ConnId, GOING_AWAY, Machine, Now, Role, STEADY};
use crate::feed::message::{Malformed, decode};
use crate::feed::seen::Seen;
use crate::model::Event;
use crate::model::{Message, Stamp};

/// How long the old connection may take to answer the handover's ping, in
/// milliseconds.
const HANDOVER: f64 = 2_000.0;
/// How many messages the successor may bring meanwhile; with more, the old
/// connection is too slow to be waited for.
const MOST_HELD: usize = 256;

/// The live connection's successor, subscribed and waiting.
#[derive(Debug)]
pub(super) struct Handover {
    pub(super) link: Link,
    /// What it brought, with the messages' ids.
    held: Vec<(Option<String>, Message, Stamp)>,
    /// Until when the old connection is waited for.
    pub(super) until: f64,
}

impl Machine {
    /// A connection is subscribed.
    pub(super) fn go_live(&mut self, link: Link, now: Now) {
        let Some(old) = &mut self.live else {
            self.seen = Seen::default();
            self.stamper.reconnected();
            self.unsteady_until = Some(now.monotonic + STEADY);
            self.settle(link, now);
            self.begin_to_catch_up();
            return;
        };
        old.ping(now.monotonic);
        let old = old.conn;
        self.send(old, event::PING);
        self.handover = Some(Handover {
            link,
            held: Vec::new(),
            until: now.monotonic + HANDOVER,
        });
    }

    /// The successor takes over, from a live connection that is done or gone.
    /// Where that has not said its last word (`complete`), something of it may
    /// be missing.
    fn take_over(&mut self, complete: bool, now: Now) {
        let Some(Handover { link, held, .. }) = self.handover.take() else {
            return;
        };
        if let Some(old) = self.live.take() {
            self.close(old.conn);
        }
        self.failures = 0;
        self.settle(link, now);
        if complete || self.catch_up.is_some() {
            self.go_on_catching_up();
        } else {
            self.begin_to_catch_up();
        }
        for (id, update, stamp) in held {
            self.deliver(id.as_deref(), update, stamp);
        }
    }

    /// The connection is the live one, until its renewal.
    fn settle(&mut self, link: Link, now: Now) {
        self.next_attempt = link.renew_at.map(|at| Now {
            monotonic: at,
            wall: now.wall + (at - now.monotonic),
        });
        self.live = Some(link);
    }

    pub(super) fn pong_came(&mut self, role: Role, now: Now) {
        let answered = match (role, &mut self.live) {
            (Role::Live, Some(live)) => live.pong(),
            _ => false,
        };
        if answered {
            // What comes after the pong is of now.
            self.stamper.trust();
            self.take_over(true, now);
        }
    }

    pub(super) fn message_came(&mut self, role: Role, frame: &ReceivedFrame, now: Now) {
        let link = match role {
            Role::Live => self.live.as_ref(),
            Role::Successor => self.handover.as_ref().map(|handover| &handover.link),
            // What comes before the subscription holds is nobody's.
            Role::Attempt => None,
        };
        if !link.is_some_and(|link| link.is_about(frame)) {
            return;
        }
        let id = frame.id.as_deref();
        let stamp = self.stamper.live(id, now.wall);
        self.tell_of_the_clock();
        if role == Role::Live {
            self.notice_a_delay(stamp.at, now);
        }
        let update = match self.read(frame, stamp) {
            Ok(Some(update)) => update,
            Ok(None) => return,
            Err(Malformed) => return self.malformed(),
        };
        match &mut self.handover {
            Some(handover) if role == Role::Successor => {
                handover.held.push((id.map(Into::into), update, stamp));
                if handover.held.len() == MOST_HELD {
                    self.take_over(false, now);
                }
            }
            _ => self.deliver(id, update, stamp),
        }
    }

    /// The layout of a dashboard on this channel is another one. Where its
    /// channel is too, a new token leads there: not every viewer at once. What
    /// comes while a connection is being made is not lost, the hub says it
    /// again.
    pub(super) fn layout_came(&mut self, role: Role, frame: &ReceivedFrame, now: Now) {
        let link = match role {
            Role::Live => self.live.as_ref(),
            _ => self.handover.as_ref().map(|handover| &handover.link),
        };
        let Some(link) = link.filter(|link| link.is_about(frame)) else {
            return;
        };
        let Some(layout) = Layout::from_json(&frame.data) else {
            return self.malformed();
        };
        let of = frame.data.get("dashboard").text();
        if of.is_some_and(|of| of != self.endpoints.dashboard_name()) {
            return;
        }
        let here = |channel: &String| link.is_called(channel);
        if layout.channel.as_ref().is_none_or(here) {
            self.show(layout);
        } else if self.attempt.is_none() && self.handover.is_none() {
            let pause = self.random.between(0.0, GOING_AWAY);
            self.schedule(pause, now);
        }
    }

    /// What a message means.
    pub(super) fn read(
        &mut self,
        frame: &ReceivedFrame,
        stamp: Stamp,
    ) -> Result<Option<Message>, Malformed> {
        let mut update = decode(frame, stamp.at)?;
        if let Some(Message::Alert(entry)) = &mut update
            && entry.id.is_empty()
        {
            // The model tells alerts apart by their ids.
            self.unnamed_messages += 1;
            entry.id = format!("unnamed-{}", self.unnamed_messages);
        }
        Ok(update)
    }

    fn deliver(&mut self, id: Option<&str>, update: Message, stamp: Stamp) {
        if id.is_some_and(|id| !self.seen.is_new(id)) {
            return;
        }
        if let Some(id) = id.filter(|id| id::number(id).is_some()) {
            let (order, id) = (stamp.order, id.into());
            self.reached(&Mark { order, id });
        }
        self.emit(Event::Message(update, stamp));
    }

    /// Takes note of the newest message, to ask for what came after it.
    pub(super) fn reached(&mut self, mark: &Mark) {
        if self
            .newest
            .as_ref()
            .is_none_or(|newest| newest.order < mark.order)
        {
            self.newest = Some(mark.clone());
        }
    }

    /// The hub ended the subscription: a new token may tell why.
    pub(super) fn unsubscribed(&mut self, role: Role, frame: &ReceivedFrame, now: Now) {
        let text = "The hub ended the subscription.";
        match role {
            Role::Live => {
                if let Some(live) = self.live.take_if(|live| live.is_about(frame)) {
                    self.close(live.conn);
                    self.lost(None, text, now);
                }
            }
            Role::Successor => {
                if let Some(handover) = self.handover.take_if(|next| next.link.is_about(frame)) {
                    self.close(handover.link.conn);
                    self.failed(self.socket_problem(text.into()), now);
                }
            }
            Role::Attempt => {}
        }
    }

    /// The live connection is gone.
    pub(super) fn lost(&mut self, code: Option<u16>, text: &str, now: Now) {
        let steady = self.unsteady_until.take().is_none();
        if self.handover.is_some() {
            self.take_over(false, now);
            return;
        }
        self.stop_catching_up();
        let problem = self.socket_problem(text.into());
        if self.attempt.is_some() {
            // It was to replace the connection anyway.
            self.problem = Some(problem);
        } else if code == Some(1001) && steady {
            self.problem = Some(problem);
            let pause = self.random.between(0.0, GOING_AWAY);
            self.schedule(pause, now);
        } else {
            self.failed(problem, now);
        }
    }

    pub(super) fn check_live(&mut self, now: Now) {
        if self
            .handover
            .as_ref()
            .is_some_and(|handover| now.monotonic >= handover.until)
        {
            self.take_over(false, now);
        }
        let Some(live) = &mut self.live else {
            return;
        };
        let conn: ConnId = live.conn;
        match live.pulse(now.monotonic) {
            Pulse::Alive => {}
            Pulse::Ping => {
                live.ping(now.monotonic);
                self.send(conn, event::PING);
            }
            Pulse::Dead => {
                self.live = None;
                self.close(conn);
                self.lost(None, "The connection went silent.", now);
            }
        }
    }
}
