//! Message ids that never go back: within the process because they are counted
//! up, across restarts because time is reserved ahead in the store.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ulid::{Generator, Ulid};

use super::lock;

/// How far ahead of the clock ids are reserved.
const AHEAD: Duration = Duration::from_secs(10);
/// A reservation is renewed when less than this is left of it.
const RENEWED_AT: Duration = Duration::from_secs(5);

/// Generates ids, each greater than all before it.
#[derive(Debug)]
pub(super) struct Ids(Mutex<State>);

#[derive(Debug)]
struct State {
    generator: Generator,
    /// The greatest id given; at first, one that no earlier process has reached.
    last: Ulid,
    /// No earlier process gave an id of this millisecond or a later one.
    floor: u64,
    /// Durably reserved: a later process starts here. In milliseconds since the
    /// Unix epoch.
    reserved: u64,
}

impl Ids {
    /// Starts at `reserved`, in milliseconds since the Unix epoch: earlier processes
    /// gave only ids before it.
    pub(super) fn after(reserved: u64) -> Self {
        Self(Mutex::new(State {
            generator: Generator::new(),
            last: Ulid::from_parts(reserved, 0),
            floor: reserved,
            reserved,
        }))
    }

    /// Returns the next id, whose time is `now` or later.
    pub(super) fn next(&self, now: SystemTime) -> Ulid {
        let mut state = lock(&self.0);
        let floor = UNIX_EPOCH + Duration::from_millis(state.floor);
        let id = match state.generator.generate_from_datetime(now.max(floor)) {
            Ok(id) => id,
            // More than 2^80 ids in this millisecond: continue in the next one.
            Err(overflow) => overflow.commit_overflow_increment(),
        };
        state.last = id;
        id
    }

    /// Returns the least id that is greater than all given so far.
    pub(super) fn boundary(&self) -> Ulid {
        let last = lock(&self.0).last;
        last.increment().unwrap_or(last)
    }

    /// Returns the reservation that must be made durable now, if any.
    pub(super) fn renewal(&self, now: SystemTime) -> Option<u64> {
        let state = lock(&self.0);
        let reached = millis(now).max(state.last.timestamp_ms());
        let left = state.reserved.saturating_sub(reached);
        (left < duration_millis(RENEWED_AT)).then(|| reached + duration_millis(AHEAD))
    }

    /// Notes that a reservation is durable.
    pub(super) fn renewed(&self, reserved: u64) {
        let mut state = lock(&self.0);
        state.reserved = state.reserved.max(reserved);
    }

    /// Returns the reservation for later processes, given that this one generates no
    /// more ids.
    pub(super) fn final_reservation(&self) -> u64 {
        lock(&self.0).last.timestamp_ms() + 1
    }
}

/// The greatest time of a ULID: 48 bits.
pub(super) const MAX_ULID_MILLIS: u64 = (1 << 48) - 1;

/// Returns milliseconds since the Unix epoch; 0 for earlier times.
pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, duration_millis)
}

/// Returns milliseconds, at most as many as SQL's integers can hold.
pub(super) fn duration_millis(duration: Duration) -> u64 {
    i64::try_from(duration.as_millis()).map_or(i64::MAX.unsigned_abs(), i64::unsigned_abs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn ids_start_above_what_earlier_processes_reserved() {
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
        // The ids count, not a clock that went back.
        ids.next(at(9_000));
        assert_eq!(ids.renewal(at(1_000)), Some(19_000));
    }
}
