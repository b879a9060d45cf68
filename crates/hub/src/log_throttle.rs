//! Limits how often a recurring event is logged.

use std::time::{Duration, Instant};

/// The least time between two log lines.
const INTERVAL: Duration = Duration::from_secs(60);

/// Counts events and lets them be reported once a minute.
#[derive(Debug, Default)]
pub(crate) struct LogThrottle {
    last: Option<Instant>,
    unreported: u64,
}

impl LogThrottle {
    /// Counts `events`. Returns the number of unreported ones if there are any and it
    /// is time to report them.
    pub(crate) fn count(&mut self, events: u64) -> Option<u64> {
        self.count_at(events, Instant::now())
    }

    fn count_at(&mut self, events: u64, now: Instant) -> Option<u64> {
        self.unreported += events;
        if self.unreported == 0 || self.last.is_some_and(|last| now < last + INTERVAL) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unreported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_the_first_event_and_then_once_a_minute_how_many_there_were() {
        let mut throttle = LogThrottle::default();
        let start = Instant::now();
        let reports: Vec<(u64, u64)> = (0..200)
            .filter_map(|second| {
                let now = start + Duration::from_secs(second);
                Some((second, throttle.count_at(2, now)?))
            })
            .collect();
        assert_eq!(reports, [(0, 2), (60, 120), (120, 120), (180, 120)]);
        assert_eq!(
            throttle.count_at(0, start + Duration::from_secs(500)),
            Some(38)
        );
        assert_eq!(throttle.count_at(0, start + Duration::from_secs(600)), None);
    }
}
