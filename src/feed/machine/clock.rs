//! The order and the age of messages, and jumps of the viewer's clocks.

use live_dashboard_protocol::id::{self, RANDOM_BITS, unix_millis};

use super::Now;
use crate::model::{Order, Stamp};

/// Ids have restarted if a connection's first message is older than the newest
/// earlier one by more than this, in milliseconds. Late and repeated ones are not.
const RESTARTED: f64 = 10_000.0;
/// Ages are corrected only if they are wrong by more than this, in milliseconds.
const LEAST_SHIFT: f64 = 5_000.0;
/// How many ids are remembered that are not ULIDs.
const REMEMBERED: usize = 64;
/// If the two clocks disagree by more than this about the time that passed, or a
/// timer is overdue by more, the computer slept or its clock was set; in
/// milliseconds.
const JUMP: f64 = 10_000.0;
/// The same threshold for a page that was hidden.
const UNSEEN: f64 = 5_000.0;
/// A message that is older than this when it arrives is part of a backlog, in
/// milliseconds.
const BACKLOG_AGE: f64 = 3_000.0;
/// The minimum time between two reports of a backlog, in milliseconds.
const REPORT_AGAIN: f64 = 30_000.0;

/// Stamps messages. It knows the channel's ids and the hub's clock.
#[derive(Debug, Default)]
pub(super) struct MessageClock {
    /// Counts how often ids restarted.
    era: u32,
    /// The greatest number of this era.
    newest: Option<u128>,
    /// The greatest number before this connection, until its first message
    /// shows whether ids have restarted.
    before: Option<u128>,
    /// The latest messages of this connection whose ids are not ULIDs.
    unordered: Vec<(String, Stamp)>,
    /// How far the hub's clock is ahead of the viewer's, in milliseconds.
    ahead: Option<f64>,
    /// Whether `ahead` comes from the hub itself.
    exact: bool,
    /// The viewer's clock was set, or the computer slept: arriving messages may
    /// be old.
    in_doubt: bool,
    /// The milliseconds by which ages were wrong, until reported.
    shift: f64,
    /// The time of the last input.
    last: Option<Now>,
    /// When the next timer was due, by the monotonic clock.
    planned: Option<f64>,
    /// When a backlog was last reported, by the monotonic clock.
    backlog_reported_at: Option<f64>,
}

impl MessageClock {
    /// Another channel has other ids.
    pub(super) fn forget_ids(&mut self) {
        self.newest = None;
        self.before = None;
    }

    /// A new connection: the hub may have restarted its ids.
    pub(super) fn reconnected(&mut self) {
        self.before = self.newest;
        self.unordered.clear();
    }

    /// Notes the hub's time, if it sent one, at `wall` by the viewer's clock.
    pub(super) fn set_hub_time(&mut self, time: Option<f64>, wall: f64) {
        self.exact = time.is_some();
        self.in_doubt = false;
        if let Some(time) = time {
            self.compare(time, wall);
        }
    }

    /// What arrives from here on was just published.
    pub(super) fn trust(&mut self) {
        self.in_doubt = false;
    }

    /// The milliseconds by which earlier messages were published later than
    /// stamped, once, if that is worth a correction.
    pub(super) fn take_shift(&mut self) -> Option<f64> {
        let shift = std::mem::take(&mut self.shift);
        (shift != 0.0).then_some(shift)
    }

    /// Notes the time of an input and when the next one was due; returns
    /// whether time jumped: the computer slept, its clock was set, or the page
    /// was hidden (`reappeared`).
    pub(super) fn observe(&mut self, reappeared: bool, now: Now) -> bool {
        let Some(last) = self.last.replace(now) else {
            return false;
        };
        let passed = now.monotonic - last.monotonic;
        let was_set = (now.wall - last.wall - passed).abs() > JUMP;
        if was_set {
            self.exact = false;
            self.in_doubt = true;
        }
        let overslept = self.planned.is_some_and(|at| now.monotonic - at > JUMP);
        was_set || overslept || (reappeared && passed > UNSEEN)
    }

    /// Sets when the next timer is due, by the monotonic clock.
    pub(super) fn plan(&mut self, at: Option<f64>) {
        self.planned = at;
    }

    /// Whether a live message is so old that others must be on their way, as after
    /// the page was suspended. Reports each backlog once.
    pub(super) fn is_backlogged(&mut self, stamp: Stamp, now: Now) -> bool {
        let reported = self.backlog_reported_at;
        let backlogged = now.wall - stamp.at > BACKLOG_AGE
            && reported.is_none_or(|before| now.monotonic - before > REPORT_AGAIN);
        if backlogged {
            self.backlog_reported_at = Some(now.monotonic);
        }
        backlogged
    }

    /// Stamps a message that just arrived, at `wall` by the viewer's clock.
    /// A repeated message gets its stamp again.
    pub(super) fn stamp_live(&mut self, id: Option<&str>, wall: f64) -> Stamp {
        let Some(number) = id.and_then(id::number) else {
            return self.stamp_unordered(id, wall);
        };
        let before = self.before.take();
        if before.is_some_and(|before| unix_millis(number) + RESTARTED < unix_millis(before)) {
            self.era += 1;
            self.newest = None;
        }
        if !self.exact && !self.in_doubt {
            self.compare(unix_millis(number), wall);
        }
        self.stamp(number, self.published(number, wall))
    }

    /// Stamps a message that the hub had stored; `None` if its id is not a
    /// ULID.
    pub(super) fn stamp_stored(&mut self, id: &str, wall: f64) -> Option<Stamp> {
        let number = id::number(id)?;
        Some(self.stamp(number, self.published(number, wall)))
    }

    /// Stamps a message in the order of arrival.
    fn stamp_unordered(&mut self, id: Option<&str>, wall: f64) -> Stamp {
        let known = |(known, _): &&(String, Stamp)| Some(known.as_str()) == id;
        if let Some((_, stamp)) = self.unordered.iter().find(known) {
            return *stamp;
        }
        let clock = (wall.max(0.0) as u128) << RANDOM_BITS;
        let number = self.newest.map_or(clock, |newest| clock.max(newest + 1));
        let stamp = self.stamp(number, wall);
        if let Some(id) = id {
            if self.unordered.len() == REMEMBERED {
                self.unordered.remove(0);
            }
            self.unordered.push((id.into(), stamp));
        }
        stamp
    }

    fn stamp(&mut self, number: u128, at: f64) -> Stamp {
        self.newest = self.newest.max(Some(number));
        let era = self.era;
        Stamp {
            order: Order { era, number },
            at,
        }
    }

    fn compare(&mut self, hub: f64, wall: f64) {
        let known = self.ahead.replace(hub - wall).unwrap_or_default();
        let later = known - (hub - wall);
        if later.abs() > LEAST_SHIFT {
            self.shift += later;
        }
    }

    /// When a message was published, by the viewer's clock; never later than
    /// now if the clocks have been compared.
    fn published(&self, number: u128, wall: f64) -> f64 {
        match self.ahead {
            Some(ahead) if !self.in_doubt => (unix_millis(number) - ahead).min(wall),
            ahead => unix_millis(number) - ahead.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600_000.0;

    fn ulid(millis: f64, n: u128) -> String {
        id::encode((millis as u128) << RANDOM_BITS | n)
    }

    /// Sets the viewer's clock.
    fn set(clock: &mut MessageClock, wall: f64) {
        for wall in [0.0, wall] {
            let monotonic = 0.0;
            clock.observe(false, Now { monotonic, wall });
        }
        assert!(clock.in_doubt);
    }

    #[test]
    fn ages_are_right_though_the_viewers_clock_is_wrong() {
        for skew in [-HOUR, 0.0, HOUR] {
            let (hub, here) = (1e12, 1e12 - skew);
            let mut informed = MessageClock::default();
            informed.set_hub_time(Some(hub), here);
            let old = informed.stamp_stored(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
            let mut uninformed = MessageClock::default();
            uninformed.set_hub_time(None, here);
            assert_eq!(uninformed.stamp_live(Some(&ulid(hub, 1)), here).at, here);
            let old = uninformed.stamp_stored(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
        }
    }

    #[test]
    fn ages_from_before_the_clocks_were_compared_are_corrected_once() {
        for skew in [-HOUR, HOUR] {
            let (hub, here) = (1e12, 1e12 - skew);
            let mut clock = MessageClock::default();
            let old = clock.stamp_stored(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(clock.take_shift(), None);
            assert_eq!(clock.stamp_live(Some(&ulid(hub, 2)), here).at, here);
            let shift = clock.take_shift().expect("a correction");
            assert_eq!(old.expect("a stamp").at + shift, here - 600_000.0);
            clock.stamp_live(Some(&ulid(hub + 100.0, 3)), here + 100.0);
            assert_eq!(clock.take_shift(), None);
        }
    }

    #[test]
    fn setting_the_clock_does_not_change_ages() {
        for hub_time in [Some(1e12), None] {
            let mut clock = MessageClock::default();
            clock.set_hub_time(hub_time, 1e12);
            let before = clock.stamp_live(Some(&ulid(1e12, 1)), 1e12);
            assert_eq!(clock.take_shift(), None);
            set(&mut clock, 1e12 + HOUR);
            clock.trust();
            let after = clock.stamp_live(Some(&ulid(1e12, 2)), 1e12 + HOUR);
            assert_eq!(after.at, 1e12 + HOUR);
            let shift = clock.take_shift().expect("a correction");
            assert_eq!(before.at + shift, after.at);
        }
    }

    #[test]
    fn messages_from_while_the_machine_slept_are_old() {
        let mut clock = MessageClock::default();
        clock.set_hub_time(None, 1e12);
        clock.stamp_live(Some(&ulid(1e12, 1)), 1e12);
        set(&mut clock, 1e12 + HOUR);
        let backlog = clock.stamp_live(Some(&ulid(1e12 + 1.0, 2)), 1e12 + HOUR);
        assert_eq!(backlog.at, 1e12 + 1.0);
        clock.trust();
        let now = clock.stamp_live(Some(&ulid(1e12 + HOUR, 3)), 1e12 + HOUR);
        assert_eq!(now.at, 1e12 + HOUR);
        assert_eq!(clock.take_shift(), None, "the clocks are as before");
    }

    #[test]
    fn messages_are_never_from_the_future() {
        let mut clock = MessageClock::default();
        clock.set_hub_time(Some(1e12), 1e12);
        let at = clock.stamp_live(Some(&ulid(1e12 + 9000.0, 1)), 1e12).at;
        assert_eq!(at, 1e12);
    }

    #[test]
    fn ids_that_restart_begin_an_era() {
        let mut clock = MessageClock::default();
        let first = clock.stamp_live(Some(&ulid(1e12, 5)), 1e12);
        let late = clock.stamp_live(Some(&ulid(1e12, 4)), 1e12);
        assert!(
            late.order < first.order,
            "on the same connection it is late"
        );
        clock.reconnected();
        let restarted = clock.stamp_live(Some(&ulid(1e12 - HOUR, 1)), 1e12);
        assert!(restarted.order > first.order);
        let next = clock.stamp_live(Some(&ulid(1e12 - HOUR, 2)), 1e12);
        assert!(next.order > restarted.order);
    }

    #[test]
    fn a_message_has_one_order_whether_stored_or_live() {
        let mut clock = MessageClock::default();
        clock.stamp_live(Some(&ulid(1e12, 1)), 1e12);
        clock.reconnected();
        let ids = [2, 3].map(|n| ulid(1e12 + 1.0, n));
        let stored = ids.each_ref().map(|id| clock.stamp_stored(id, 1e12));
        let live = ids.each_ref().map(|id| clock.stamp_live(Some(id), 1e12));
        assert_eq!(stored, live.map(Some));
    }

    #[test]
    fn other_ids_than_ulids_are_ordered_by_their_first_arrival() {
        let mut clock = MessageClock::default();
        let mut stamp = |id: Option<&str>| clock.stamp_live(id, 1e12);
        let stamps = [None, Some("x"), None, Some("y")].map(&mut stamp);
        assert!(stamps.is_sorted_by(|a, b| a.order < b.order));
        assert_eq!(stamp(Some("x")), stamps[1]);
        for n in 0..1000 {
            stamp(Some(&format!("id {n}")));
        }
        assert!(stamp(Some("x")).order > stamps[1].order, "forgotten");
        assert_eq!(clock.unordered.len(), REMEMBERED);
        assert_eq!(clock.stamp_stored("x", 1e12), None);
        clock.reconnected();
        assert_eq!(clock.unordered, []);
    }
}
