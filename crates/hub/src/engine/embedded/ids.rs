//! Ids that never go back: within the process by counting on, across restarts
//! by reserving time ahead in the store.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ulid::{Generator, Ulid};

use super::lock;

/// So far ahead of the clock ids are reserved.
const AHEAD: Duration = Duration::from_secs(10);
/// A reservation is renewed when less than this is left of it.
const RENEWED_AT: Duration = Duration::from_secs(5);

/// Gives ids, each greater than all before it.
#[derive(Debug)]
pub(super) struct Ids(Mutex<State>);

#[derive(Debug)]
struct State {
    generator: Generator,
    /// The greatest id given, or one that no earlier process has reached.
    last: Ulid,
    /// No earlier process gave an id of this millisecond or a later one.
    floor: u64,
    /// A later process begins here: what is durably reserved, in milliseconds
    /// since the Unix epoch.
    reserved: u64,
}

impl Ids {
    /// Ids after those of earlier processes, which had `reserved` all before
    /// that millisecond.
    pub(super) fn after(reserved: u64) -> Self {
        Self(Mutex::new(State {
            generator: Generator::new(),
            last: Ulid::from_parts(reserved, 0),
            floor: reserved,
            reserved,
        }))
    }

    /// The next id, of the time `now` or later.
    pub(super) fn next(&self, now: SystemTime) -> Ulid {
        let mut state = lock(&self.0);
        let floor = UNIX_EPOCH + Duration::from_millis(state.floor);
        let id = match state.generator.generate_from_datetime(now.max(floor)) {
            Ok(id) => id,
            // 2^80 ids in one millisecond: go on counting into the next one.
            Err(overflow) => overflow.commit_overflow_increment(),
        };
        state.last = id;
        id
    }

    /// The least id that is above all given so far.
    pub(super) fn boundary(&self) -> Ulid {
        let last = lock(&self.0).last;
        last.increment().unwrap_or(last)
    }

    /// The reservation that should be made durable now, if one should.
    pub(super) fn renewal(&self, now: SystemTime) -> Option<u64> {
        let state = lock(&self.0);
        let reached = millis(now).max(state.last.timestamp_ms());
        let left = state.reserved.saturating_sub(reached);
        (left < duration_millis(RENEWED_AT)).then(|| reached + duration_millis(AHEAD))
    }

    /// A reservation has become durable.
    pub(super) fn renewed(&self, reserved: u64) {
        let mut state = lock(&self.0);
        state.reserved = state.reserved.max(reserved);
    }

    /// The reservation that a later process needs when this one gives no more
    /// ids.
    pub(super) fn final_reservation(&self) -> u64 {
        lock(&self.0).last.timestamp_ms() + 1
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, duration_millis)
}

fn duration_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn ids_begin_above_what_earlier_processes_reserved() {
        let ids = Ids::after(5_000);
        assert!(ids.boundary() > Ulid::from_parts(4_999, u128::MAX));
        let first = ids.next(at(1_000));
        assert_eq!(first.timestamp_ms(), 5_000);
        assert!(ids.boundary() > first);
        let second = ids.next(at(6_000));
        assert_eq!(second.timestamp_ms(), 6_000);
        assert!(ids.next(at(100)) > second);
    }

    #[test]
    fn a_reservation_is_renewed_before_it_is_used_up() {
        let ids = Ids::after(0);
        assert_eq!(ids.renewal(at(1_000)), Some(11_000));
        ids.renewed(11_000);
        assert_eq!(ids.renewal(at(6_000)), None);
        assert_eq!(ids.renewal(at(6_001)), Some(16_001));
        // A clock that went back does not hide how far the ids have come.
        ids.next(at(9_000));
        assert_eq!(ids.renewal(at(1_000)), Some(19_000));
    }
}
