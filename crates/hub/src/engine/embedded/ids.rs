//! Message ids that never go back: within the process because they are counted
//! up, across restarts because time is reserved ahead in the store. Ids that are far
//! ahead of the clock, because it was wrong, return to it at a restart.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use live_dashboard_protocol::name::ChannelName;
use ulid::{Generator, Ulid};

use super::lock;

/// How far ahead of the clock ids are reserved.
const AHEAD: Duration = Duration::from_secs(10);
/// A reservation is renewed when less than this is left of it.
const RENEWED_AT: Duration = Duration::from_secs(5);
/// Ids further ahead of the clock are an error of the clock, now or before.
const FAR_AHEAD: Duration = Duration::from_secs(60 * 60);

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
    /// The greatest id of each channel whose ids continue ahead of the others.
    ahead: HashMap<ChannelName, Ulid>,
}

impl Ids {
    /// Starts at `reserved`, in milliseconds since the Unix epoch: earlier processes gave
    /// only ids before it, except on the channels of `newest`. These continue after the
    /// ids there, the greatest that are stored.
    pub(super) fn after(reserved: u64, newest: Vec<(ChannelName, Ulid)>) -> Self {
        // Unstored messages leave no trace, but `reserved` grows from process to process.
        let next =
            |newest: Ulid| Ulid::from_parts(newest.timestamp_ms() + 1, u128::from(reserved) << 32);
        let newest = newest.into_iter();
        Self(Mutex::new(State {
            generator: Generator::new(),
            last: Ulid::from_parts(reserved, 0),
            floor: reserved,
            reserved,
            ahead: newest.map(|(channel, id)| (channel, next(id))).collect(),
        }))
    }

    /// Returns the next id of a channel, whose time is `now` or later.
    pub(super) fn next(&self, channel: &ChannelName, now: SystemTime) -> Ulid {
        let mut state = lock(&self.0);
        let floor = UNIX_EPOCH + Duration::from_millis(state.floor);
        let id = match state.generator.generate_from_datetime(now.max(floor)) {
            Ok(id) => id,
            // More than 2^80 ids in this millisecond: continue in the next one.
            Err(overflow) => overflow.commit_overflow_increment(),
        };
        state.last = id;
        match state.ahead.get_mut(channel) {
            Some(last) if *last >= id => {
                *last = increment(*last);
                *last
            }
            Some(_) => {
                state.ahead.remove(channel);
                id
            }
            None => id,
        }
    }

    /// Returns the least id that is greater than all that the channel was given so far.
    pub(super) fn boundary(&self, channel: &ChannelName) -> Ulid {
        let state = lock(&self.0);
        let ahead = state.ahead.get(channel).copied();
        increment(state.last.max(ahead.unwrap_or_default()))
    }

    /// Returns by how much the ids are ahead of the clock, if that is far.
    pub(super) fn far_ahead(&self, now: SystemTime) -> Option<Duration> {
        far_ahead(lock(&self.0).last.timestamp_ms(), now)
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

/// Returns by how much `reached`, in milliseconds since the Unix epoch, is ahead of the
/// clock, if that is far.
pub(super) fn far_ahead(reached: u64, now: SystemTime) -> Option<Duration> {
    let ahead = Duration::from_millis(reached.saturating_sub(millis(now)));
    (ahead > FAR_AHEAD).then_some(ahead)
}

fn increment(id: Ulid) -> Ulid {
    id.increment().unwrap_or(id)
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

    fn channel(name: &str) -> ChannelName {
        ChannelName::new(name).expect("valid")
    }

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn ids_start_above_what_earlier_processes_reserved() {
        let (ids, c) = (Ids::after(5_000, Vec::new()), channel("c"));
        assert!(ids.boundary(&c) > Ulid::from_parts(4_999, u128::MAX));
        let first = ids.next(&c, at(1_000));
        assert_eq!(first.timestamp_ms(), 5_000);
        assert!(ids.boundary(&c) > first);
        let second = ids.next(&c, at(6_000));
        assert_eq!(second.timestamp_ms(), 6_000);
        assert!(ids.next(&c, at(100)) > second);
    }

    #[test]
    fn a_reservation_is_renewed_before_it_is_used_up() {
        let (ids, c) = (Ids::after(0, Vec::new()), channel("c"));
        assert_eq!(ids.renewal(at(1_000)), Some(11_000));
        ids.renewed(11_000);
        assert_eq!(ids.renewal(at(6_000)), None);
        assert_eq!(ids.renewal(at(6_001)), Some(16_001));
        // The ids count, not a clock that went back.
        ids.next(&c, at(9_000));
        assert_eq!(ids.renewal(at(1_000)), Some(19_000));
    }

    #[test]
    fn ids_return_to_the_clock_except_behind_later_ones_of_their_channel() {
        let (kept, other) = (channel("kept"), channel("other"));
        let newest = Ulid::from_parts(9_000_000, 7);
        let mut last = newest;
        // Nothing of the first process is stored.
        for start in [1_000, 2_000] {
            let ids = Ids::after(start, vec![(kept.clone(), newest)]);
            assert!(ids.boundary(&kept) > last);
            for _ in 0..2 {
                let id = ids.next(&kept, at(start));
                assert!(id > last && id.timestamp_ms() == 9_000_001, "{id}");
                last = id;
            }
            assert!(ids.boundary(&kept) > last);
            assert_eq!(ids.next(&other, at(start)).timestamp_ms(), start);
            assert!(ids.boundary(&other) < newest);
            assert_eq!(ids.final_reservation(), start + 1);
        }
        let ids = Ids::after(1_000, vec![(kept.clone(), newest)]);
        assert_eq!(ids.next(&kept, at(9_000_002)).timestamp_ms(), 9_000_002);
    }

    #[test]
    fn only_an_hour_is_far() {
        let ids = Ids::after(3_601_000, Vec::new());
        assert_eq!(ids.far_ahead(at(1_000)), None);
        assert_eq!(
            ids.far_ahead(at(999)),
            Some(Duration::from_millis(3_600_001))
        );
    }
}
