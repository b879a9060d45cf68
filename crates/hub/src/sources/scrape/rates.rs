//! What counters have counted since the previous reading.

use std::collections::HashMap;
use std::time::Instant;

/// The values of counters by their series.
#[derive(Default)]
pub(super) struct Rates {
    previous: HashMap<String, f64>,
    current: HashMap<String, f64>,
    at: Option<Instant>,
    /// The seconds since the previous reading; none at the first one.
    seconds: Option<f64>,
}

impl Rates {
    /// Begins a reading at this time.
    pub(super) fn begin(&mut self, now: Instant) {
        let seconds = self.at.map(|at| (now - at).as_secs_f64());
        self.seconds = seconds.filter(|seconds| *seconds > 0.0);
        self.at = Some(now);
    }

    /// How much the counter grew; `None` if it was not there before. A counter that is less
    /// than before has begun again at 0.
    pub(super) fn increase(&mut self, series: String, value: f64) -> Option<f64> {
        let before = self.previous.get(&series).copied();
        self.current.insert(series, value);
        before.map(|before| {
            if value < before {
                value
            } else {
                value - before
            }
        })
    }

    /// How much it grew in a second.
    pub(super) fn rate(&mut self, series: String, value: f64) -> Option<f64> {
        let increase = self.increase(series, value)?;
        Some(increase / self.seconds?)
    }

    /// Ends the reading. Counters that it did not have are forgotten.
    pub(super) fn end(&mut self) {
        self.previous = std::mem::take(&mut self.current);
    }
}
