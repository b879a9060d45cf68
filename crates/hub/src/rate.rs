//! A token bucket: so many a second on average, and ten seconds' worth at once.

use std::time::{Duration, Instant};

/// How many seconds' worth may be taken at once after a quiet time.
const BURST_SECONDS: f64 = 10.0;

/// A bucket that fills at a constant rate.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_second: f64,
    /// Negative after [`Bucket::owe`] took more than there was.
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self {
            per_second,
            level: per_second * BURST_SECONDS,
            at: now,
        }
    }

    /// Takes `amount`, or nothing.
    ///
    /// # Errors
    /// There is less; the time until there will be so many. More than ten seconds' worth
    /// are taken when the bucket is full.
    pub(crate) fn take(&mut self, amount: usize, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        let amount = amount as f64;
        let needed = amount.min(self.per_second * BURST_SECONDS);
        if self.level < needed {
            return Err(self.time_for(needed - self.level));
        }
        self.level -= amount;
        Ok(())
    }

    /// Takes `amount`, even if there is less. Returns the time until the bucket has made
    /// up for it.
    pub(crate) fn owe(&mut self, amount: usize, now: Instant) -> Duration {
        self.fill(now);
        self.level -= amount as f64;
        self.time_for((-self.level).max(0.0))
    }

    /// Whether it is as good as new.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.level >= self.per_second * BURST_SECONDS
    }

    fn fill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        let most = self.per_second * BURST_SECONDS;
        self.level = (self.level + since * self.per_second).min(most);
        self.at = now;
    }

    fn time_for(&self, amount: f64) -> Duration {
        Duration::from_secs_f64(amount / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_worth_at_once_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(4, start);
        assert!((0..40).all(|_| bucket.take(1, start).is_ok()));
        assert_eq!(bucket.take(1, start), Err(Duration::from_millis(250)));
        let later = start + Duration::from_secs(1);
        assert!((0..4).all(|_| bucket.take(1, later).is_ok()));
        assert!(bucket.take(1, later).is_err());
        assert!(!bucket.is_full(later + Duration::from_secs(9)));
        assert!(bucket.is_full(later + Duration::from_secs(10)));
    }

    #[test]
    fn several_are_taken_together_or_not_at_all() {
        let start = Instant::now();
        let mut bucket = Bucket::new(4, start);
        assert!(bucket.take(30, start).is_ok());
        assert_eq!(bucket.take(20, start), Err(Duration::from_millis(2500)));
        assert!(bucket.take(10, start).is_ok(), "nothing was taken");
        let full = start + Duration::from_secs(10);
        assert!(bucket.take(80, full).is_ok(), "more than it ever has");
        assert!(bucket.take(1, full + Duration::from_secs(10)).is_err());
    }

    #[test]
    fn a_debt_is_paid_by_waiting() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert_eq!(bucket.owe(100, start), Duration::ZERO);
        assert_eq!(bucket.owe(20, start), Duration::from_secs(2));
        let later = start + Duration::from_secs(2);
        assert_eq!(bucket.owe(0, later), Duration::ZERO);
    }
}
