//! What waits for a notifier, and when it is sent: alerts are gathered in messages, messages
//! have a rate, and one that fails is tried again. No clock and no I/O: times are milliseconds
//! since the Unix epoch.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// The most alerts that wait for a notifier; the oldest are dropped.
pub(super) const MAX_WAITING: usize = 1_000;
/// The most alerts of a message; the others follow in the next one.
pub(super) const MAX_PER_MESSAGE: usize = 25;
/// The mean time until a message that failed is tried again; doubled after each failure.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// The longest mean time between two tries.
const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);
/// The longest time until the next try that a receiver may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);
/// How long a message is tried.
const TRIED_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a message is tried that the receiver refuses.
const REFUSED_FOR: Duration = Duration::from_secs(10 * 60);

/// When a notifier is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// How long alerts are gathered.
    pub(super) group: Duration,
    /// The least time between two messages.
    pub(super) interval: Duration,
}

/// How a try failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Failed {
    /// The receiver does not take this message, and probably never will.
    pub(super) is_refused: bool,
    /// The receiver may have got it nevertheless.
    pub(super) is_uncertain: bool,
    /// When the receiver wants the next try.
    pub(super) retry_after: Option<Duration>,
}

/// A message that is being sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Batch {
    /// Equal at each try.
    pub(super) id: String,
    pub(super) entries: Vec<Entry>,
    /// When it was first tried.
    since: u64,
    /// How often it has been tried.
    tries: u32,
    /// When it is tried next.
    next: u64,
    /// A try is running, or was when the hub ended.
    is_running: bool,
    /// The receiver may have got it in an earlier try.
    pub(super) is_repeated: bool,
}

/// What waits for a notifier.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Entry>,
    pub(super) batch: Option<Batch>,
    /// When the last message was finished.
    pub(super) last: u64,
    /// When the first alert of those that wait came.
    since: u64,
}

impl Queue {
    /// What a previous run or another hub has left.
    pub(super) fn resume(
        waiting: VecDeque<Entry>,
        mut batch: Option<Batch>,
        last: u64,
        now: u64,
    ) -> Self {
        if let Some(batch) = &mut batch {
            batch.is_repeated |= batch.is_running;
            if std::mem::take(&mut batch.is_running) {
                batch.next = now;
            }
        }
        Self {
            waiting,
            batch,
            last,
            since: now,
        }
    }

    /// Adds an alert. Returns how many were dropped for it.
    pub(super) fn push(&mut self, entry: Entry, now: u64) -> usize {
        if self.waiting.is_empty() {
            self.since = now;
        }
        self.waiting.push_back(entry);
        let excess = self.waiting.len().saturating_sub(MAX_WAITING);
        self.waiting.drain(..excess);
        excess
    }

    /// How many alerts wait or are being sent.
    pub(super) fn len(&self) -> usize {
        let sending = self.batch.as_ref().map_or(0, |batch| batch.entries.len());
        self.waiting.len() + sending
    }

    /// When [`Queue::begin`] has a message to send. `None`: not before something else happens.
    pub(super) fn due(&self, rate: Rate, now: u64) -> Option<u64> {
        match &self.batch {
            Some(batch) if batch.is_running => None,
            // The clock may have been ahead.
            Some(batch) => Some(batch.next.min(now + millis(LONGEST_RETRY_AFTER))),
            None if self.waiting.is_empty() => None,
            None => {
                let gathered = self.since.min(now) + millis(rate.group);
                Some(gathered.max(self.last.min(now) + millis(rate.interval)))
            }
        }
    }

    /// The message to send now, if one is due. A new one gets this id. It is being sent until
    /// [`Queue::sent`] or [`Queue::failed`].
    pub(super) fn begin(&mut self, rate: Rate, now: u64, id: impl Fn() -> String) -> Option<Batch> {
        if self.due(rate, now).is_none_or(|due| due > now) {
            return None;
        }
        let waiting = &mut self.waiting;
        let batch = self.batch.get_or_insert_with(|| Batch {
            id: id(),
            entries: waiting
                .drain(..waiting.len().min(MAX_PER_MESSAGE))
                .collect(),
            since: now,
            tries: 0,
            next: now,
            is_running: false,
            is_repeated: false,
        });
        batch.tries += 1;
        batch.is_running = true;
        Some(batch.clone())
    }

    /// The message was sent.
    pub(super) fn sent(&mut self, now: u64) {
        self.batch = None;
        self.last = now;
    }

    /// The message was not sent. `random` from 0 to 1 spreads the tries of several hubs and
    /// notifiers. Returns how many alerts are given up with it, if it is.
    pub(super) fn failed(&mut self, failed: Failed, random: f64, now: u64) -> Option<usize> {
        let batch = self.batch.as_mut()?;
        batch.is_running = false;
        batch.is_repeated |= failed.is_uncertain;
        let tried_for = match failed.is_refused {
            true => REFUSED_FOR,
            false => TRIED_FOR,
        };
        if now.saturating_sub(batch.since) >= millis(tried_for) {
            let given_up = batch.entries.len();
            self.sent(now);
            return Some(given_up);
        }
        let doubled = FIRST_RETRY.saturating_mul(1 << (batch.tries.max(1) - 1).min(10));
        let wait = doubled.min(LONGEST_RETRY).mul_f64(0.5 + random);
        let asked = failed.retry_after.unwrap_or_default();
        batch.next = now + millis(wait.max(asked.min(LONGEST_RETRY_AFTER)));
        None
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        group: Duration::from_secs(10),
        interval: Duration::from_secs(30),
    };
    const START: u64 = 1_800_000_000_000;
    const FAILED: Failed = Failed {
        is_refused: false,
        is_uncertain: false,
        retry_after: None,
    };

    fn entry(n: usize) -> Entry {
        Entry {
            message: n.to_string(),
            ..Entry::test()
        }
    }

    fn texts(batch: &Batch) -> Vec<&str> {
        let entries = batch.entries.iter();
        entries.map(|entry| entry.message.as_str()).collect()
    }

    fn at(seconds: u64) -> u64 {
        START + seconds * 1000
    }

    fn begin(queue: &mut Queue, seconds: u64) -> Option<Batch> {
        queue.begin(RATE, at(seconds), || format!("id {seconds}"))
    }

    #[test]
    fn alerts_are_gathered_and_messages_have_a_rate() {
        let mut queue = Queue::default();
        assert_eq!(queue.due(RATE, START), None);
        queue.push(entry(1), at(0));
        queue.push(entry(2), at(9));
        assert_eq!(queue.due(RATE, at(9)), Some(at(10)), "since the first");
        assert_eq!(begin(&mut queue, 9), None);
        let batch = begin(&mut queue, 10).expect("due");
        assert_eq!((&*batch.id, texts(&batch)), ("id 10", vec!["1", "2"]));
        queue.push(entry(3), at(11));
        assert_eq!(queue.due(RATE, at(30)), None, "one at a time");
        queue.sent(at(12));
        assert_eq!(queue.due(RATE, at(12)), Some(at(42)), "the rate");
        assert_eq!(texts(&begin(&mut queue, 42).expect("due")), ["3"]);
        queue.sent(at(43));
        assert_eq!((queue.due(RATE, at(43)), queue.len()), (None, 0));
        queue.push(entry(4), at(1000));
        assert_eq!(
            queue.due(RATE, at(0)),
            Some(at(30)),
            "if the clock went back"
        );
    }

    #[test]
    fn more_than_fit_a_message_follow_in_the_next_and_the_oldest_of_too_many_are_dropped() {
        let mut queue = Queue::default();
        let dropped: usize = (0..MAX_WAITING + 7)
            .map(|n| queue.push(entry(n), START))
            .sum();
        assert_eq!(dropped, 7);
        let batch = begin(&mut queue, 10).expect("due");
        assert_eq!(texts(&batch).len(), MAX_PER_MESSAGE);
        assert_eq!(texts(&batch)[0], "7");
        queue.sent(at(10));
        let batch = begin(&mut queue, 40).expect("due");
        assert_eq!(texts(&batch)[0], (7 + MAX_PER_MESSAGE).to_string());
    }

    #[test]
    fn a_failed_message_is_tried_ever_later_and_at_last_given_up() {
        let mut queue = Queue::default();
        queue.push(entry(1), START);
        let mut waits = Vec::new();
        let mut now = at(10);
        let given_up = loop {
            let batch = queue.begin(RATE, now, || "id".into()).expect("due");
            assert!(!batch.is_repeated);
            queue.push(entry(2), now);
            if let Some(given_up) = queue.failed(FAILED, 0.5, now) {
                break given_up;
            }
            let next = queue.due(RATE, now).expect("again");
            waits.push((next - now) / 1000);
            now = next;
        };
        assert_eq!(waits[..9], [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(given_up, 1, "those that came meanwhile stay");
        let day = 24 * 3600;
        let tried = (now - at(10)) / 1000;
        assert!((day..day + 300).contains(&tried), "{tried}");
        assert!(queue.due(RATE, now).is_some());
    }

    #[test]
    fn a_refused_message_is_given_up_soon() {
        let mut queue = Queue::default();
        queue.push(entry(1), START);
        let refused = Failed {
            is_refused: true,
            ..FAILED
        };
        begin(&mut queue, 10).expect("due");
        assert_eq!(queue.failed(refused, 0.0, at(10)), None);
        assert_eq!(queue.due(RATE, at(10)), Some(at(11)), "half the mean");
        begin(&mut queue, 609).expect("due");
        assert_eq!(queue.failed(refused, 1.0, at(609)), None);
        begin(&mut queue, 615).expect("due");
        assert_eq!(queue.failed(refused, 1.0, at(615)), Some(1));
    }

    #[test]
    fn a_receiver_decides_when_it_is_tried_again_within_an_hour() {
        let mut queue = Queue::default();
        queue.push(entry(1), START);
        begin(&mut queue, 10).expect("due");
        let asks = |seconds| Failed {
            retry_after: Some(Duration::from_secs(seconds)),
            ..FAILED
        };
        queue.failed(asks(120), 0.5, at(10));
        assert_eq!(queue.due(RATE, at(10)), Some(at(130)));
        begin(&mut queue, 130).expect("due");
        queue.failed(asks(1_000_000), 0.5, at(130));
        assert_eq!(queue.due(RATE, at(130)), Some(at(130 + 3600)));
    }

    #[test]
    fn what_may_have_arrived_is_repeated() {
        let mut queue = Queue::default();
        queue.push(entry(1), START);
        let first = begin(&mut queue, 10).expect("due");
        let uncertain = Failed {
            is_uncertain: true,
            ..FAILED
        };
        queue.failed(uncertain, 0.5, at(10));
        let second = begin(&mut queue, 12).expect("due");
        assert_eq!((first.is_repeated, second.is_repeated), (false, true));
        assert_eq!(first.id, second.id);
    }

    #[test]
    fn a_message_that_was_being_sent_is_repeated_by_the_next_run() {
        let mut queue = Queue::default();
        queue.push(entry(1), START);
        let resume = |queue: &Queue, seconds| {
            let (waiting, batch) = (queue.waiting.clone(), queue.batch.clone());
            Queue::resume(waiting, batch, queue.last, at(seconds))
        };
        let mut queue = resume(&queue, 100);
        assert_eq!(queue.due(RATE, at(100)), Some(at(110)));
        let batch = begin(&mut queue, 110).expect("due");
        let mut queue = resume(&queue, 200);
        let again = begin(&mut queue, 200).expect("at once");
        assert_eq!((&again.id, &again.entries), (&batch.id, &batch.entries));
        assert!(again.is_repeated && !batch.is_repeated);
        queue.failed(FAILED, 0.5, at(200));
        let queue = resume(&queue, 201);
        assert_eq!(
            queue.due(RATE, at(201)),
            Some(at(204)),
            "not before its time"
        );
    }
}
