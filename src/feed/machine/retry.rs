//! When the next attempt starts: after a failure, or to renew a connection.

use super::{Context, Now};
use crate::model::Problem;

/// The shortest and the longest delay after a failure, in milliseconds.
const SHORTEST: f64 = 1_000.0;
const LONGEST: f64 = 20_000.0;
/// The longest delay that a hub may ask for, in seconds.
const LONGEST_WAIT: f64 = 600.0;
/// A connection must have been live this long for earlier failures to be
/// forgotten, in milliseconds.
const STEADY: f64 = 10_000.0;
/// All viewers of a hub spread over this time when they have to reconnect at
/// once, in milliseconds.
const SPREAD: f64 = 1_000.0;

/// Random numbers from a seed (SplitMix64): good enough to keep viewers from
/// reconnecting all at once.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of `low..high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let unit = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        low + (high - low) * unit
    }
}

/// Failures so far, and the time of the next attempt.
#[derive(Debug, Default)]
pub(super) struct Retry {
    /// When the next attempt starts.
    pub(super) next: Option<Now>,
    /// What went wrong last.
    pub(super) problem: Option<Problem>,
    /// Consecutive failures.
    failures: u32,
    /// Failures are forgotten then, by the monotonic clock.
    unsteady_until: Option<f64>,
}

impl Retry {
    pub(super) fn is_due(&self, now: Now) -> bool {
        self.next
            .is_some_and(|next| now.monotonic >= next.monotonic)
    }

    /// Schedules the next attempt after a delay in milliseconds.
    pub(super) fn schedule(&mut self, delay: f64, now: Now) {
        self.next = Some(Now {
            monotonic: now.monotonic + delay,
            wall: now.wall + delay,
        });
    }

    /// Schedules the next attempt, not at the same time as other viewers.
    pub(super) fn schedule_soon(&mut self, cx: &mut Context) {
        self.schedule(cx.random.between(0.0, SPREAD), cx.now);
    }

    /// An attempt failed.
    pub(super) fn fail(&mut self, problem: Problem, cx: &mut Context) {
        self.problem = Some(problem);
        self.failures = self.failures.saturating_add(1);
        self.schedule(delay(self.failures, &mut cx.random), cx.now);
    }

    /// Delays the next attempt, if there is one, by at least so many seconds and not at
    /// the same time as other viewers.
    pub(super) fn not_before(&mut self, seconds: f64, cx: &mut Context) {
        let delay = seconds.min(LONGEST_WAIT) * 1_000.0;
        let at = |next: Now| next.monotonic < cx.now.monotonic + delay;
        if self.next.is_some_and(at) {
            let spread = cx.random.between(0.0, SPREAD);
            self.schedule(delay + spread, cx.now);
        }
    }

    /// What failed before says nothing about now.
    pub(super) fn forget_failures(&mut self) {
        self.failures = 0;
    }

    /// A connection went live that was not a renewal.
    pub(super) fn went_live(&mut self, now: Now) {
        self.unsteady_until = Some(now.monotonic + STEADY);
    }

    /// Forgets failures when the live connection has proved steady.
    pub(super) fn check(&mut self, now: Now) {
        if self.unsteady_until.is_some_and(|at| now.monotonic >= at) {
            self.unsteady_until = None;
            self.forget_failures();
        }
    }

    /// The live connection was lost; returns whether it had been steady.
    pub(super) fn lost(&mut self) -> bool {
        self.unsteady_until.take().is_none()
    }
}

/// The delay after consecutive failures, in milliseconds: it doubles each time,
/// and half of it is random.
fn delay(failures: u32, random: &mut Random) -> f64 {
    let doubled = f64::from(1_u32 << failures.min(16)) * SHORTEST;
    let longest = doubled.clamp(2.0 * SHORTEST, LONGEST);
    random.between(longest / 2.0, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_from_one_second_to_twenty() {
        for (failures, low, high) in [
            (0, 1_000.0, 2_000.0),
            (1, 1_000.0, 2_000.0),
            (2, 2_000.0, 4_000.0),
            (3, 4_000.0, 8_000.0),
            (4, 8_000.0, 16_000.0),
            (5, 10_000.0, 20_000.0),
            (u32::MAX, 10_000.0, 20_000.0),
        ] {
            let delays: Vec<f64> = (0..200)
                .map(|seed| delay(failures, &mut Random::new(seed)))
                .collect();
            assert!(delays.iter().all(|delay| (low..high).contains(delay)));
            let middle = (low + high) / 2.0;
            assert!(delays.iter().any(|delay| *delay < middle));
            assert!(delays.iter().any(|delay| *delay > middle));
        }
    }
}
