//! One subscriber of a channel.

use std::mem;
use std::slice::from_ref;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::lane::Pass;
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

    /// Tells its connection that a message is missing.
    pub(super) fn missed(&self) {
        self.outbox.missed();
    }

    /// Ends it: nothing is sent any more.
    pub(super) fn close(&self) {
        *self.state() = State::Closed;
    }

    /// Sends those messages that were published after it was made. Returns how many.
    pub(super) fn deliver(&self, pass: &Pass) -> u64 {
        let frames = pass.since(self.first);
        let mut state = self.state();
        let sent = match &mut *state {
            _ if frames.is_empty() => false,
            State::Held(held) => {
                held.extend_from_slice(frames);
                true
            }
            State::Open if frames.len() == pass.messages() => {
                self.outbox.deliver(from_ref(&pass.joined), pass.now)
            }
            State::Open => self.outbox.deliver(frames, pass.now),
            State::Closed => false,
        };
        if sent { frames.len() as u64 } else { 0 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
