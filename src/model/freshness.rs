//! Whether the numbers on the page are current.

/// The age of what is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Freshness {
    /// Numbers arrive in time, or there are only alerts.
    Fresh,
    /// No numbers arrived for longer than the layout allows.
    Stale {
        /// When the last ones were published, in milliseconds since the Unix
        /// epoch by the viewer's clock.
        since: f64,
    },
    /// Nothing has arrived yet.
    Empty,
}

/// When something was last received.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    /// When the last numbers were published, in milliseconds since the Unix
    /// epoch by the viewer's clock; `None` before the first.
    pub numbers_at: Option<f64>,
    /// Whether any alert arrived.
    pub alerted: bool,
}

impl Activity {
    /// Records numbers published at this time.
    pub(super) fn add_numbers(&mut self, at: f64) {
        self.numbers_at = Some(self.numbers_at.map_or(at, |last| last.max(at)));
    }

    /// The freshness at `now`, in milliseconds since the Unix epoch by the
    /// viewer's clock, where numbers are stale after `stale_after` seconds.
    /// Alerts do not tell the age of the numbers; a dashboard that only gets
    /// alerts never becomes stale.
    pub fn freshness(self, stale_after: f64, now: f64) -> Freshness {
        match self.numbers_at {
            Some(since) if now - since > stale_after * 1000.0 => Freshness::Stale { since },
            None if !self.alerted => Freshness::Empty,
            _ => Freshness::Fresh,
        }
    }
}
