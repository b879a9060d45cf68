//! How much may be drawn: one page at a time, and at most so many in a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits of drawing pages.
#[derive(Debug, Clone)]
pub struct DrawingRules {
    /// A page that is not drawn within this time is served without a drawing.
    pub deadline: Duration,
    /// The most drawings in a second.
    pub per_second: u32,
}

impl Default for DrawingRules {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(50),
            per_second: 50,
        }
    }
}

/// Enforces [`DrawingRules`].
pub(crate) struct DrawingLimit {
    pub(crate) rules: DrawingRules,
    turns: Arc<Semaphore>,
    /// When the current second began, and the drawings since then.
    second: Mutex<(Instant, u32)>,
}

impl DrawingLimit {
    pub(crate) fn new(rules: DrawingRules) -> Self {
        Self {
            rules,
            turns: Arc::new(Semaphore::new(1)),
            second: Mutex::new((Instant::now(), 0)),
        }
    }

    /// Counts a drawing; returns whether there may be one more in this second.
    pub(crate) fn admit(&self) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0.elapsed() >= Duration::from_secs(1) {
            *second = (Instant::now(), 0);
        }
        let admitted = second.1 < self.rules.per_second;
        second.1 += u32::from(admitted);
        admitted
    }

    /// Waits until no other page is drawn; the next one waits until the result is
    /// dropped.
    pub(crate) async fn turn(&self) -> OwnedSemaphorePermit {
        let turns = Arc::clone(&self.turns);
        turns.acquire_owned().await.expect("it is never closed")
    }
}
