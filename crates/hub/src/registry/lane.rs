//! Some of a channel's subscribers. A task of its own writes a channel's messages to
//! them: the publisher does not wait for it, a large channel delays no other, and its
//! lanes are spread over the processors.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::subscription::Subscription;
use crate::outbox::{Frame, Outbox};

/// The most subscribers of a lane.
const SUBSCRIBERS: usize = 512;
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
    runtime: Handle,
    delivered: Counter,
    /// Notified when messages have been taken for delivery.
    taken: Notify,
}

struct State {
    subscribers: Subscribers,
    /// What is to be delivered, in order.
    pending: Vec<Frame>,
    bytes: usize,
    /// The number of the first pending message.
    number: u64,
    /// Whether the task runs.
    running: bool,
}

impl Lane {
    /// Without subscribers; counts into `delivered`.
    pub(super) fn new(delivered: Counter) -> Self {
        Self {
            state: Mutex::new(State {
                subscribers: Arc::default(),
                pending: Vec::new(),
                bytes: 0,
                number: 0,
                running: false,
            }),
            runtime: Handle::current(),
            delivered,
            taken: Notify::new(),
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

    /// Delivers a message soon.
    pub(super) fn push(self: &Arc<Self>, frame: Frame) {
        let mut state = self.state();
        state.bytes += frame.bytes().len();
        state.pending.push(frame);
        if !mem::replace(&mut state.running, true) {
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

    /// Delivers what is pending, until nothing is.
    async fn run(self: Arc<Self>) {
        while let Some((subscribers, frames, number)) = self.take() {
            for turn in subscribers.chunks(TURN) {
                let now = Instant::now();
                let deliver = |to: &Arc<Subscription>| to.deliver(&frames, number, now);
                self.delivered.inc_by(turn.iter().map(deliver).sum());
                if subscribers.len() > TURN {
                    yield_now().await;
                }
            }
        }
    }

    /// Takes the next messages, with the subscribers as of now and the number of the first
    /// message; `None` if there are no messages.
    fn take(&self) -> Option<(Subscribers, Vec<Frame>, u64)> {
        let mut state = self.state();
        let mut bytes = 0;
        let mut fits = |frame: &Frame| {
            bytes += frame.bytes().len();
            bytes <= PASS_BYTES
        };
        let count = state.pending.iter().take_while(|frame| fits(frame)).count();
        let count = count.max(1).min(state.pending.len());
        if count == 0 {
            state.running = false;
            return None;
        }
        let rest = state.pending.split_off(count);
        let frames = mem::replace(&mut state.pending, rest);
        let number = state.number;
        state.number += count as u64;
        state.bytes -= frames
            .iter()
            .map(|frame| frame.bytes().len())
            .sum::<usize>();
        self.taken.notify_waiters();
        Some((Arc::clone(&state.subscribers), frames, number))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
