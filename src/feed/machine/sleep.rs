//! After a sleep, or where the clock was set: nothing known about time holds.
//!
//! The connection must show that it lives, and a next try does not wait. What
//! came meanwhile is still to be read: until the pong, which comes after all of
//! it, the dashboard is told that it is behind, and need not draw what it will
//! draw again.

use live_dashboard_protocol::frame::event;

use super::{Input, Machine, Now};
use crate::model::Event;

/// Where the clocks disagree by this much about the time that has passed, or a
/// timer is late by it, the machine slept or its clock was set; in
/// milliseconds.
const JUMP: f64 = 10_000.0;
/// The same where nothing happened until the page came into sight again.
const UNSEEN: f64 = 5_000.0;
/// A message that was this long on its way has others behind it, in
/// milliseconds; and how often that is worth a ping.
const LATE: f64 = 3_000.0;
const LATE_AGAIN: f64 = 30_000.0;
/// For how long at most the dashboard is told that it is behind, in
/// milliseconds.
const BEHIND: f64 = 5_000.0;

impl Machine {
    pub(super) fn notice_a_jump(&mut self, input: &Input, now: Now) {
        let Some(last) = self.last.replace(now) else {
            return;
        };
        let passed = now.monotonic - last.monotonic;
        let jumped = (now.wall - last.wall - passed).abs() > JUMP;
        if jumped {
            self.stamper.doubt();
        }
        let overslept = self.planned.is_some_and(|at| now.monotonic - at > JUMP);
        let reappeared = *input == Input::InSight && passed > UNSEEN;
        if !jumped && !overslept && !reappeared {
            return;
        }
        if self.live.is_some() {
            self.await_the_backlog(now);
        } else if self.next_attempt.is_some() {
            // What failed while it slept says nothing about now.
            self.failures = 0;
            self.schedule(0.0, now);
        }
    }

    /// A message of the live connection was published at `at`, in milliseconds
    /// since the Unix epoch by the viewer's clock. A page that was held up for
    /// a while notices it by that only.
    pub(super) fn notice_a_delay(&mut self, at: f64, now: Now) {
        let late = now.wall - at > LATE;
        if late
            && self
                .late_at
                .is_none_or(|before| now.monotonic - before > LATE_AGAIN)
        {
            self.late_at = Some(now.monotonic);
            self.await_the_backlog(now);
        }
    }

    /// Asks for the pong that comes after all that is on its way.
    fn await_the_backlog(&mut self, now: Now) {
        let Some(live) = &mut self.live else {
            return;
        };
        let conn = live.conn;
        live.ping_in_doubt(now.monotonic);
        self.send(conn, event::PING);
        if self.behind_until.replace(now.monotonic + BEHIND).is_none() {
            self.emit(Event::Backlog(true));
        }
    }

    /// Says when the backlog has come, or will not.
    pub(super) fn tell_of_the_backlog(&mut self, now: Now) {
        let in_doubt = self.live.as_ref().is_some_and(|live| live.is_in_doubt());
        if self
            .behind_until
            .is_some_and(|until| !in_doubt || now.monotonic >= until)
        {
            self.behind_until = None;
            self.emit(Event::Backlog(false));
        }
    }

    /// Tells the dashboard where what is known of the clocks has changed.
    pub(super) fn tell_of_the_clock(&mut self) {
        if let Some(milliseconds) = self.stamper.take_shift() {
            self.emit(Event::ClockShift(milliseconds));
        }
    }
}
