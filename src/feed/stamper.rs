//! Gives each message its place among the others, and its age.

use live_dashboard_protocol::id;

use crate::model::{Order, Stamp};

/// Ids have begun anew where the first message of a connection is this much
/// older than what came before, in milliseconds: one that is merely late, or
/// comes twice, is not.
const ANEW: f64 = 10_000.0;
/// From how many milliseconds on a wrong age is worth correcting.
const SHIFT: f64 = 5_000.0;
/// How many bits of a ULID are not its time.
const RANDOM_BITS: u32 = 80;

/// What is known of the channel's ids and of the hub's clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamper {
    era: u32,
    /// The greatest number of this era.
    newest: Option<u128>,
    /// The greatest number before this connection, until its first message
    /// shows whether ids have begun anew.
    before: Option<u128>,
    /// How far the hub's clock is ahead of the viewer's, in milliseconds.
    ahead: Option<f64>,
    /// Whether the hub told so.
    told: bool,
    /// The viewer's clock was set, or the machine slept: what arrives may have
    /// been on its way for long.
    in_doubt: bool,
    /// By how many milliseconds ages were wrong, which nobody was told yet.
    shift: f64,
}

impl Stamper {
    /// Nothing learned about the ids of another channel holds.
    pub(super) fn forget_ids(&mut self) {
        self.newest = None;
        self.before = None;
    }

    /// The hub may have begun its ids anew.
    pub(super) fn reconnected(&mut self) {
        self.before = self.newest;
    }

    /// The hub told its time, or did not, when it was `wall` here.
    pub(super) fn hub_time(&mut self, time: Option<f64>, wall: f64) {
        self.told = time.is_some();
        self.in_doubt = false;
        if let Some(time) = time {
            self.compare(time, wall);
        }
    }

    /// The viewer's clock was set, or the machine slept.
    pub(super) fn doubt(&mut self) {
        self.told = false;
        self.in_doubt = true;
    }

    /// What arrives from here on was published just now.
    pub(super) fn trust(&mut self) {
        self.in_doubt = false;
    }

    /// By how many milliseconds what was published when turned out to be
    /// later, as far as that is worth telling.
    pub(super) fn take_shift(&mut self) -> Option<f64> {
        let shift = std::mem::take(&mut self.shift);
        (shift != 0.0).then_some(shift)
    }

    fn compare(&mut self, hub: f64, wall: f64) {
        let known = self.ahead.replace(hub - wall).unwrap_or_default();
        let later = known - (hub - wall);
        if later.abs() > SHIFT {
            self.shift += later;
        }
    }

    /// A message that arrived just now, when it was `wall` here.
    pub(super) fn live(&mut self, id: Option<&str>, wall: f64) -> Stamp {
        let Some(number) = id.and_then(id::number) else {
            // Its arrival is all the order there is.
            let clock = (wall.max(0.0) as u128) << RANDOM_BITS;
            let number = self.newest.map_or(clock, |newest| clock.max(newest + 1));
            self.newest = Some(number);
            return self.stamp(number, wall);
        };
        let before = self.before.take();
        if before.is_some_and(|before| millis(number) + ANEW < millis(before)) {
            self.era += 1;
            self.newest = None;
        }
        if !self.told && !self.in_doubt {
            self.compare(millis(number), wall);
        }
        self.note(number);
        self.stamp(number, self.published(number, wall))
    }

    /// A message that the hub had stored; `None` where it has no place.
    pub(super) fn listed(&mut self, id: &str, wall: f64) -> Option<Stamp> {
        let number = id::number(id)?;
        self.note(number);
        Some(self.stamp(number, self.published(number, wall)))
    }

    fn note(&mut self, number: u128) {
        self.newest = self.newest.max(Some(number));
    }

    fn stamp(&self, number: u128, at: f64) -> Stamp {
        let era = self.era;
        Stamp {
            order: Order { era, number },
            at,
        }
    }

    /// When it was published, by the viewer's clock; never later than now, as
    /// far as the clocks have been compared.
    fn published(&self, number: u128, wall: f64) -> f64 {
        match self.ahead {
            Some(ahead) if !self.in_doubt => (millis(number) - ahead).min(wall),
            ahead => millis(number) - ahead.unwrap_or_default(),
        }
    }
}

/// The time in a ULID.
fn millis(number: u128) -> f64 {
    (number >> RANDOM_BITS) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600_000.0;

    fn ulid(millis: f64, n: u128) -> String {
        let number = (millis as u128) << RANDOM_BITS | n;
        let digits = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let digit = |place: u32| digits[(number >> (5 * place) & 31) as usize] as char;
        (0..26).rev().map(digit).collect()
    }

    #[test]
    fn ages_are_true_though_the_viewer_s_clock_is_wrong() {
        for skew in [-HOUR, 0.0, HOUR] {
            let (hub, here) = (1e12, 1e12 - skew);
            let mut told = Stamper::default();
            told.hub_time(Some(hub), here);
            let old = told.listed(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
            let mut untold = Stamper::default();
            untold.hub_time(None, here);
            assert_eq!(untold.live(Some(&ulid(hub, 1)), here).at, here);
            let old = untold.listed(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
        }
    }

    #[test]
    fn what_came_before_the_clocks_were_compared_is_corrected() {
        for skew in [-HOUR, HOUR] {
            let (hub, here) = (1e12, 1e12 - skew);
            let mut stamper = Stamper::default();
            let old = stamper.listed(&ulid(hub - 600_000.0, 1), here);
            assert_eq!(stamper.take_shift(), None);
            assert_eq!(stamper.live(Some(&ulid(hub, 2)), here).at, here);
            let shift = stamper.take_shift().expect("a correction");
            assert_eq!(old.expect("a stamp").at + shift, here - 600_000.0);
            stamper.live(Some(&ulid(hub + 100.0, 3)), here + 100.0);
            assert_eq!(stamper.take_shift(), None, "said once");
        }
    }

    #[test]
    fn a_clock_that_is_set_fakes_no_age() {
        for told in [Some(1e12), None] {
            let mut stamper = Stamper::default();
            stamper.hub_time(told, 1e12);
            let before = stamper.live(Some(&ulid(1e12, 1)), 1e12);
            assert_eq!(stamper.take_shift(), None);
            stamper.doubt();
            stamper.trust();
            let after = stamper.live(Some(&ulid(1e12, 2)), 1e12 + HOUR);
            assert_eq!(after.at, 1e12 + HOUR);
            let shift = stamper.take_shift().expect("a correction");
            assert_eq!(before.at + shift, after.at);
        }
    }

    #[test]
    fn what_was_on_its_way_while_the_machine_slept_is_old() {
        let mut stamper = Stamper::default();
        stamper.hub_time(None, 1e12);
        stamper.live(Some(&ulid(1e12, 1)), 1e12);
        stamper.doubt();
        let backlog = stamper.live(Some(&ulid(1e12 + 1.0, 2)), 1e12 + HOUR);
        assert_eq!(backlog.at, 1e12 + 1.0);
        stamper.trust();
        let now = stamper.live(Some(&ulid(1e12 + HOUR, 3)), 1e12 + HOUR);
        assert_eq!(now.at, 1e12 + HOUR);
        assert_eq!(stamper.take_shift(), None, "the clocks are as they were");
    }

    #[test]
    fn a_message_is_never_of_the_future() {
        let mut stamper = Stamper::default();
        stamper.hub_time(Some(1e12), 1e12);
        assert_eq!(stamper.live(Some(&ulid(1e12 + 9000.0, 1)), 1e12).at, 1e12);
    }

    #[test]
    fn ids_that_begin_anew_begin_an_era() {
        let mut stamper = Stamper::default();
        let first = stamper.live(Some(&ulid(1e12, 5)), 1e12);
        let late = stamper.live(Some(&ulid(1e12, 4)), 1e12);
        assert!(
            late.order < first.order,
            "on the same connection it is late"
        );
        stamper.reconnected();
        let anew = stamper.live(Some(&ulid(1e12 - HOUR, 1)), 1e12);
        assert!(anew.order > first.order);
        assert!(stamper.live(Some(&ulid(1e12 - HOUR, 2)), 1e12).order > anew.order);
    }

    #[test]
    fn what_was_listed_and_arrives_too_is_one_and_the_same() {
        let mut stamper = Stamper::default();
        stamper.live(Some(&ulid(1e12, 1)), 1e12);
        stamper.reconnected();
        let ids = [2, 3].map(|n| ulid(1e12 + 1.0, n));
        let listed = ids.each_ref().map(|id| stamper.listed(id, 1e12));
        let live = ids.each_ref().map(|id| stamper.live(Some(id), 1e12));
        assert_eq!(listed, live.map(Some));
    }

    #[test]
    fn what_has_no_ulid_is_ordered_by_its_arrival() {
        let mut stamper = Stamper::default();
        let orders = [None, Some("x"), None].map(|id| stamper.live(id, 1e12).order);
        assert!(orders.is_sorted_by(|a, b| a < b));
        assert_eq!(stamper.listed("x", 1e12), None);
    }
}
