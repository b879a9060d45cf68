//! Writes to connections later that were written to just now, so that a fast stream is
//! written in fewer, larger pieces.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::Outbox;

/// The connections that one task writes to. It takes about a millisecond.
const TURN: usize = 128;

/// The outboxes that wait. What is due in the same millisecond is written together.
pub struct Pacer {
    interval: Duration,
    start: Instant,
    /// By the milliseconds since `start`.
    due: Mutex<BTreeMap<u64, Vec<Outbox>>>,
    /// Notified when an outbox is due earlier than all others.
    earlier: Notify,
}

impl Pacer {
    /// A connection waits for `interval` after each write; zero: it never waits.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            start: Instant::now(),
            due: Mutex::default(),
            earlier: Notify::new(),
        }
    }

    /// When a connection may be written to that was last written to at `last`; `None` if
    /// now.
    pub(crate) fn due(&self, last: Option<Instant>, now: Instant) -> Option<Instant> {
        Some(last? + self.interval).filter(|due| *due > now)
    }

    /// Releases `outbox` when it is `due`.
    pub(super) fn schedule(&self, due: Instant, outbox: Outbox) {
        let due = due.saturating_duration_since(self.start).as_millis() + 1;
        let due = u64::try_from(due).unwrap_or(u64::MAX);
        let mut waiting = self.lock();
        let is_first = waiting.keys().next().is_none_or(|first| due < *first);
        waiting.entry(due).or_default().push(outbox);
        drop(waiting);
        if is_first {
            self.earlier.notify_one();
        }
    }

    /// Releases the outboxes that are due. Runs until it is dropped.
    pub async fn run(&self) {
        loop {
            let first = self.lock().keys().next().copied();
            let Some(first) = first else {
                self.earlier.notified().await;
                continue;
            };
            let time = self.start + Duration::from_millis(first);
            tokio::select! {
                () = sleep_until(time) => {}
                () = self.earlier.notified() => continue,
            }
            let due = self.lock().remove(&first).unwrap_or_default();
            let mut due = due.into_iter().peekable();
            while due.peek().is_some() {
                let turn: Vec<_> = due.by_ref().take(TURN).collect();
                tokio::spawn(async move {
                    let now = Instant::now();
                    turn.iter().for_each(|outbox| outbox.release(now));
                });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<Outbox>>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
