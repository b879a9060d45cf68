//! The live connection and, during a handover, its successor.
//!
//! Everything published after the successor's subscription reaches the
//! successor; earlier messages may still be underway on the old connection. So
//! the old one is pinged and kept until its pong, which follows them all. The
//! model sorts out messages that arrive on both.

use super::catch_up::Mark;
use super::link::Link;
use super::{Context, Now};
use crate::model::Event;

/// How long the old connection may take to answer the handover's ping, in
/// milliseconds.
const HANDOVER: f64 = 2_000.0;
/// The dashboard counts as behind for this long at most, in milliseconds.
const BEHIND: f64 = 5_000.0;

/// Where messages arrive.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) link: Option<Link>,
    pub(super) successor: Option<Successor>,
    /// While a backlog may be underway, when to stop waiting for its end, by
    /// the monotonic clock.
    behind_until: Option<f64>,
}

/// The live connection's successor, subscribed.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) link: Link,
    /// The newest messages that arrived on it, by channel; `None` is the dashboard's own.
    pub(super) newest: Vec<(Option<String>, Mark)>,
    /// The old connection is waited for until then, by the monotonic clock.
    until: f64,
}

impl Successor {
    /// A message arrived on the successor. Others before it may still be
    /// underway on the old connection.
    pub(super) fn reached(&mut self, other: Option<&str>, mark: Mark) {
        self.newest.retain(|(known, _)| known.as_deref() != other);
        self.newest.push((other.map(Into::into), mark));
    }
}

impl Live {
    pub(super) fn wake_at(&self) -> impl Iterator<Item = f64> {
        let handover = self.successor.as_ref().map(|successor| successor.until);
        let link = self.link.as_ref().map(Link::wake_at);
        [handover, link, self.behind_until].into_iter().flatten()
    }

    /// Starts a handover to a newer connection.
    pub(super) fn begin_handover(&mut self, link: Link, cx: &mut Context) {
        if let Some(old) = &mut self.link {
            old.ping(cx);
        }
        self.successor = Some(Successor {
            link,
            newest: Vec::new(),
            until: cx.now.monotonic + HANDOVER,
        });
    }

    /// Whether the old connection has not answered in time.
    pub(super) fn handover_is_due(&self, now: Now) -> bool {
        let until = self.successor.as_ref().map(|successor| successor.until);
        until.is_some_and(|until| now.monotonic >= until)
    }

    /// Ends a handover: closes the old connection and gives the new one.
    pub(super) fn end_handover(&mut self, cx: &mut Context) -> Option<Successor> {
        let successor = self.successor.take()?;
        self.close(cx);
        Some(successor)
    }

    pub(super) fn close(&mut self, cx: &mut Context) {
        if let Some(link) = self.link.take() {
            cx.close(link.conn);
        }
    }

    pub(super) fn close_successor(&mut self, cx: &mut Context) {
        if let Some(successor) = self.successor.take() {
            cx.close(successor.link.conn);
        }
    }

    /// Pings a silent connection; returns whether it died.
    pub(super) fn check(&mut self, cx: &mut Context) -> bool {
        let link = self.link.as_mut();
        let dead = link.is_some_and(|link| link.check(cx));
        if dead {
            self.close(cx);
        }
        dead
    }

    /// Pings to find out whether the connection is alive, and when all that is
    /// underway has arrived. Until then the dashboard need not draw.
    pub(super) fn await_backlog(&mut self, cx: &mut Context) {
        let Some(link) = &mut self.link else {
            return;
        };
        link.ping_in_doubt(cx);
        let until = cx.now.monotonic + BEHIND;
        if self.behind_until.replace(until).is_none() {
            cx.emit(Event::Backlog(true));
        }
    }

    /// Reports the end of a backlog.
    pub(super) fn check_backlog(&mut self, cx: &mut Context) {
        let in_doubt = self.link.as_ref().is_some_and(Link::is_in_doubt);
        let ended = |until: &mut f64| !in_doubt || cx.now.monotonic >= *until;
        if self.behind_until.take_if(ended).is_some() {
            cx.emit(Event::Backlog(false));
        }
    }
}
