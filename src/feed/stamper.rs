//! Gives each message its place among the others, and its age.

use live_dashboard_protocol::id;

use crate::model::{Order, Stamp};

/// How many bits of a ULID are not its time.
const RANDOM_BITS: u32 = 80;

/// What is known of the channel's ids and of the hub's clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamper {
    era: u32,
    /// The greatest number of this era.
    newest: Option<u128>,
    /// Its id, where it is a ULID.
    newest_id: Option<String>,
    /// The connection is a new one: ids may begin anew.
    reconnected: bool,
    /// How far the hub's clock is ahead of the viewer's, in milliseconds.
    ahead: Option<f64>,
    /// Whether the hub told so.
    told: bool,
}

impl Stamper {
    /// Nothing learned about the ids of another channel holds.
    pub(super) fn forget_ids(&mut self) {
        self.newest = None;
        self.newest_id = None;
    }

    /// The hub may have begun its ids anew.
    pub(super) fn reconnected(&mut self) {
        self.reconnected = true;
    }

    /// The hub told its time, or did not, when it was `wall` here.
    pub(super) fn hub_time(&mut self, time: Option<f64>, wall: f64) {
        self.told = time.is_some();
        self.ahead = time.map(|time| time - wall).or(self.ahead);
    }

    /// The viewer's clock was set, or the machine slept.
    pub(super) fn doubt(&mut self) {
        self.ahead = None;
        self.told = false;
    }

    /// The last id that came, to ask for what came after it.
    pub(super) fn newest_id(&self) -> Option<&str> {
        self.newest_id.as_deref()
    }

    /// A message that arrived just now, when it was `wall` here.
    pub(super) fn live(&mut self, id: Option<&str>, wall: f64) -> Stamp {
        let Some((number, text)) = id.and_then(|id| Some((id::number(id)?, id))) else {
            // Its arrival is all the order there is.
            let clock = (wall.max(0.0) as u128) << RANDOM_BITS;
            let number = self.newest.map_or(clock, |newest| clock.max(newest + 1));
            self.newest = Some(number);
            return self.stamp(number, wall);
        };
        let anew = std::mem::take(&mut self.reconnected)
            && self.newest.is_some_and(|newest| number <= newest);
        if anew {
            self.era += 1;
            self.newest = None;
        }
        if !self.told {
            self.ahead = Some(millis(number) - wall);
        }
        self.note(number, text);
        self.stamp(number, self.published(number, wall))
    }

    /// A message that the hub had stored; `None` where it has no place.
    pub(super) fn listed(&mut self, id: Option<&str>, wall: f64) -> Option<Stamp> {
        let id = id?;
        let number = id::number(id)?;
        self.note(number, id);
        Some(self.stamp(number, self.published(number, wall)))
    }

    fn note(&mut self, number: u128, id: &str) {
        if self.newest.is_none_or(|newest| newest < number) {
            self.newest = Some(number);
            self.newest_id = Some(id.into());
        }
    }

    fn stamp(&self, number: u128, at: f64) -> Stamp {
        let era = self.era;
        Stamp {
            order: Order { era, number },
            at,
        }
    }

    /// When it was published, by the viewer's clock; never later than now.
    fn published(&self, number: u128, wall: f64) -> f64 {
        (millis(number) - self.ahead.unwrap_or_default()).min(wall)
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
            let old = told.listed(Some(&ulid(hub - 600_000.0, 1)), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
            let mut untold = Stamper::default();
            untold.hub_time(None, here);
            assert_eq!(untold.live(Some(&ulid(hub, 1)), here).at, here);
            let old = untold.listed(Some(&ulid(hub - 600_000.0, 1)), here);
            assert_eq!(old.expect("a stamp").at, here - 600_000.0);
        }
    }

    #[test]
    fn a_clock_that_is_set_does_not_age_what_comes_after() {
        let mut stamper = Stamper::default();
        stamper.hub_time(Some(1e12), 1e12);
        stamper.doubt();
        let stamp = stamper.live(Some(&ulid(1e12, 1)), 1e12 + HOUR);
        assert_eq!(stamp.at, 1e12 + HOUR);
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
    fn what_has_no_ulid_is_ordered_by_its_arrival() {
        let mut stamper = Stamper::default();
        let orders = [None, Some("x"), None].map(|id| stamper.live(id, 1e12).order);
        assert!(orders.is_sorted_by(|a, b| a < b));
        assert_eq!(stamper.listed(Some("x"), 1e12), None);
        assert_eq!(stamper.newest_id(), None);
    }
}
