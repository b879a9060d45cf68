//! What happens often is said seldom: a log that floods helps nobody, least of
//! all on a disk that is full.

use std::time::{Duration, Instant};

/// At least this long apart.
const APART: Duration = Duration::from_secs(60);

/// When something was said last.
#[derive(Debug, Default)]
pub(super) struct Seldom(Option<Instant>);

impl Seldom {
    /// Whether it may be said again; then it counts as said.
    pub(super) fn is_due(&mut self) -> bool {
        self.is_due_at(Instant::now())
    }

    fn is_due_at(&mut self, now: Instant) -> bool {
        let due = self.0.is_none_or(|said| now >= said + APART);
        if due {
            self.0 = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_and_then_once_a_minute() {
        let mut seldom = Seldom::default();
        let start = Instant::now();
        let due: Vec<u64> = (0..200)
            .filter(|second| seldom.is_due_at(start + Duration::from_secs(*second)))
            .collect();
        assert_eq!(due, [0, 60, 120, 180]);
    }
}
