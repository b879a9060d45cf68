//! One subscriber of a channel.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::outbox::{Frame, Outbox};

/// A connection's subscription to a channel.
pub struct Subscription {
    outbox: Outbox,
    /// The number of the lane's first message that it gets.
    first: u64,
    state: Mutex<State>,
}

enum State {
    /// The messages wait until the subscription is recorded everywhere.
    Held(Vec<Frame>),
    Open,
    Closed,
}

impl Subscription {
    pub(super) fn new(outbox: Outbox, first: u64) -> Self {
        Self {
            outbox,
            first,
            state: Mutex::new(State::Held(Vec::new())),
        }
    }

    /// Sends `answer`, then what was held, and from then on each message.
    pub fn open(&self, answer: &str) {
        let mut state = self.state();
        if let State::Held(held) = mem::replace(&mut *state, State::Open) {
            self.outbox.send(answer);
            if !held.is_empty() {
                self.outbox.deliver(&held, Instant::now());
            }
        }
    }

    /// Ends it: nothing is sent any more.
    pub(super) fn close(&self) {
        *self.state() = State::Closed;
    }

    /// Sends those of the lane's messages that were published after it was made;
    /// `number` is that of the first of them. Returns how many were sent.
    pub(super) fn deliver(&self, frames: &[Frame], number: u64, now: Instant) -> u64 {
        let earlier = usize::try_from(self.first.saturating_sub(number)).unwrap_or(usize::MAX);
        let Some(frames) = frames.get(earlier..).filter(|frames| !frames.is_empty()) else {
            return 0;
        };
        let mut state = self.state();
        let sent = match &mut *state {
            State::Held(held) => {
                held.extend_from_slice(frames);
                true
            }
            State::Open => self.outbox.deliver(frames, now),
            State::Closed => false,
        };
        if sent { frames.len() as u64 } else { 0 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
