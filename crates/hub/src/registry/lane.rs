//! Some of a channel's subscribers. A task of its own writes a channel's messages to
//! them: the publisher does not wait for it, a large channel delays no other, and its
//! lanes are spread over the processors. Only to few subscribers, after a quiet time, the
//! publisher writes itself, as to wake a task would take longer; the store's thread never does.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::subscription::Subscription;
use crate::outbox::{Frame, Outbox, PACED_BYTES, Rules};

/// The most subscribers of a lane.
const SUBSCRIBERS: usize = 512;
/// To at most so many subscribers, the publisher delivers itself.
const FEW: usize = 8;
/// It does so at most once in this time, so that a stream does not hold it up.
const QUIET: Duration = Duration::from_millis(1);
/// After so many deliveries, others get a turn. They take about a millisecond.
const TURN: usize = 128;
/// The most bytes that are written to each subscriber before the next one.
const PASS_BYTES: usize = 64 * 1024;
/// With so many bytes to be delivered, publishers wait.
const BEHIND_BYTES: usize = 1024 * 1024;

/// They are copied when they change while messages are delivered.
type Subscribers = Arc<Vec<Arc<Subscription>>>;

/// Some of a channel's subscribers.
pub(super) struct Lane {
    state: Mutex<State>,
    rules: Arc<Rules>,
    runtime: Handle,
    delivered: Counter,
    /// Notified when messages have been taken for delivery, and when they are delivered.
    taken: Notify,
    /// Notified when too much is pending to wait for the time of the next pass.
    crowded: Notify,
}

struct State {
    subscribers: Subscribers,
    /// What is to be delivered, in order.
    pending: Vec<Frame>,
    bytes: usize,
    /// The number of the first pending message.
    number: u64,
    /// The number of the first message that is not delivered.
    undelivered: u64,
    /// When messages were last taken for delivery.
    last: Option<Instant>,
    /// Whether the task runs.
    running: bool,
}

/// Messages on their way to the subscribers.
pub(super) struct Pass {
    subscribers: Subscribers,
    frames: Vec<Frame>,
    /// All frames in one.
    pub(super) joined: Frame,
    /// The number of the first message.
    number: u64,
    /// When it began.
    pub(super) now: Instant,
}

impl Pass {
    /// How many messages it has.
    pub(super) fn messages(&self) -> usize {
        self.frames.len()
    }

    /// The messages from this number on.
    pub(super) fn since(&self, number: u64) -> &[Frame] {
        let earlier = number.saturating_sub(self.number);
        let earlier = usize::try_from(earlier).unwrap_or(usize::MAX);
        self.frames.get(earlier..).unwrap_or_default()
    }
}

impl Lane {
    /// Without subscribers; counts into `delivered`.
    pub(super) fn new(rules: Arc<Rules>, delivered: Counter) -> Self {
        Self {
            state: Mutex::new(State {
                subscribers: Arc::default(),
                pending: Vec::new(),
                bytes: 0,
                number: 0,
                undelivered: 0,
                last: None,
                running: false,
            }),
            rules,
            runtime: Handle::current(),
            delivered,
            taken: Notify::new(),
            crowded: Notify::new(),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.state().subscribers.len() < SUBSCRIBERS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().subscribers.is_empty()
    }

    /// Adds a subscriber, which gets the messages from now on.
    pub(super) fn add(&self, outbox: Outbox) -> Arc<Subscription> {
        let mut state = self.state();
        let next = state.number + state.pending.len() as u64;
        let subscription = Arc::new(Subscription::new(outbox, next));
        Arc::make_mut(&mut state.subscribers).push(Arc::clone(&subscription));
        subscription
    }

    /// Removes a subscriber; returns whether it was one.
    pub(super) fn remove(&self, subscription: &Arc<Subscription>) -> bool {
        let mut state = self.state();
        let place = |other: &Arc<Subscription>| Arc::ptr_eq(other, subscription);
        let Some(index) = state.subscribers.iter().position(place) else {
            return false;
        };
        Arc::make_mut(&mut state.subscribers).swap_remove(index);
        true
    }

    /// Tells all subscribers that a message is missing.
    pub(super) fn missed(&self) {
        let subscribers = Arc::clone(&self.state().subscribers);
        subscribers.iter().for_each(|it| it.missed());
    }

    /// Delivers a message soon, or at once to few subscribers.
    pub(super) fn push(self: &Arc<Self>, frame: Frame) {
        let mut state = self.state();
        let before = state.bytes;
        state.bytes += frame.bytes().len();
        state.pending.push(frame);
        if state.running {
            if before <= PACED_BYTES && state.bytes > PACED_BYTES {
                self.crowded.notify_one();
            }
            return;
        }
        let now = Instant::now();
        let quiet = state.last.is_none_or(|last| now - last >= QUIET);
        // The store's thread is none of the runtime's.
        let direct = quiet && state.subscribers.len() <= FEW && Handle::try_current().is_ok();
        if direct && self.rules.pacer.due(state.last, now).is_none() {
            // The lock is held, so that no other message overtakes it.
            if let Some(pass) = state.take(&self.rules, now) {
                self.deliver(&pass, &pass.subscribers);
                state.undelivered = state.number;
            }
        } else {
            state.running = true;
            self.runtime.spawn(Arc::clone(self).run());
        }
    }

    /// Whether so much is to be delivered that publishers must wait.
    pub(super) fn is_behind(&self) -> bool {
        self.state().bytes > BEHIND_BYTES
    }

    /// Waits while that is so.
    pub(super) async fn catch_up(&self) {
        loop {
            let taken = self.taken.notified();
            if !self.is_behind() {
                return;
            }
            taken.await;
        }
    }

    /// Waits until what was published so far is delivered, without pauses.
    pub(super) async fn deliver_pending(&self) {
        let target = {
            let state = self.state();
            state.number + state.pending.len() as u64
        };
        loop {
            let delivered = self.taken.notified();
            if self.state().undelivered >= target {
                return;
            }
            self.crowded.notify_one();
            delivered.await;
        }
    }

    /// Delivers what is pending, until nothing is.
    async fn run(self: Arc<Self>) {
        loop {
            if let Some(due) = self.due() {
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = self.crowded.notified() => {}
                }
            }
            let Some(pass) = self.take() else {
                return;
            };
            for turn in pass.subscribers.chunks(TURN) {
                self.deliver(&pass, turn);
                if pass.subscribers.len() > TURN {
                    yield_now().await;
                }
            }
            self.state().undelivered = pass.number + pass.frames.len() as u64;
            self.taken.notify_waiters();
        }
    }

    /// When the pending messages may be delivered; `None` if now.
    fn due(&self) -> Option<Instant> {
        let state = self.state();
        let waits = !state.pending.is_empty() && state.bytes <= PACED_BYTES;
        let due = self.rules.pacer.due(state.last, Instant::now());
        due.filter(|_| waits)
    }

    /// Takes the next messages; `None` if there are none: the task ends.
    fn take(&self) -> Option<Pass> {
        let mut state = self.state();
        let pass = state.take(&self.rules, Instant::now());
        state.running = pass.is_some();
        self.taken.notify_waiters();
        pass
    }

    /// Delivers messages to some of the subscribers.
    fn deliver(&self, pass: &Pass, subscribers: &[Arc<Subscription>]) {
        let sent = subscribers.iter().map(|it| it.deliver(pass));
        self.delivered.inc_by(sent.sum());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the next messages, for the subscribers as of `now`; `None` if there are none.
    fn take(&mut self, rules: &Rules, now: Instant) -> Option<Pass> {
        let mut bytes = 0;
        let mut fits = |frame: &Frame| {
            bytes += frame.bytes().len();
            bytes <= PASS_BYTES
        };
        let count = self.pending.iter().take_while(|frame| fits(frame)).count();
        let count = count.max(1).min(self.pending.len());
        if count == 0 {
            return None;
        }
        let rest = self.pending.split_off(count);
        let frames = mem::replace(&mut self.pending, rest);
        let number = self.number;
        self.last = Some(now);
        self.number += count as u64;
        self.bytes -= frames
            .iter()
            .map(|frame| frame.bytes().len())
            .sum::<usize>();
        let joined = match &frames[..] {
            [one] => one.clone(),
            several => rules.waiting.joined(several),
        };
        Some(Pass {
            subscribers: Arc::clone(&self.subscribers),
            frames,
            joined,
            number,
            now,
        })
    }
}
