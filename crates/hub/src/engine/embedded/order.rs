//! Each channel's order: what waits for the store, and what waits behind it.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard};

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::{oneshot, watch};
use ulid::Ulid;

use super::super::{EngineError, Message};
use super::lock;
use super::recent::{Key, Recent};

/// Channels share this many locks; publishing on two channels waits only where
/// they share one.
const SHARDS: usize = 64;
/// So many messages of a channel may wait behind one that waits for the store.
pub(super) const MAX_WAITING: usize = 10_000;

/// The channels, spread over shards.
pub(super) struct Channels {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

/// The order and the deduplication ids of some channels. Its lock is held
/// while a message is emitted: that is what keeps the order.
#[derive(Default)]
pub(super) struct Shard {
    pub(super) recent: Recent,
    /// For each channel with a message that waits, those that do, in order. A
    /// channel without one has no entry, and costs nothing.
    waiting: HashMap<ChannelName, VecDeque<Waiting>>,
}

/// A message on its way.
pub(super) struct Waiting {
    pub(super) message: Message,
    /// What the store said; known at once where it is not asked.
    pub(super) outcome: Option<Result<(), EngineError>>,
    /// Its deduplication id, and what ends the wait of others with the same.
    pub(super) deduplication: Option<(Key, watch::Sender<()>)>,
    /// Tells the publisher, who may have gone.
    pub(super) reply: oneshot::Sender<Result<(), EngineError>>,
}

impl Channels {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    pub(super) fn shard(&self, channel: &ChannelName) -> MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(channel);
        let index = usize::try_from(hash % SHARDS as u64).expect("less than the number of shards");
        lock(&self.shards[index])
    }

    pub(super) fn each(&self, mut act: impl FnMut(&mut Shard)) {
        for shard in &self.shards {
            act(&mut lock(shard));
        }
    }
}

impl Shard {
    /// How many messages of a channel wait.
    pub(super) fn waiting(&self, channel: &ChannelName) -> usize {
        self.waiting.get(channel).map_or(0, VecDeque::len)
    }

    /// Puts a message at the end of its channel's queue.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waiting
            .entry(waiting.message.channel.clone())
            .or_default()
            .push_back(waiting);
    }

    /// Notes what the store said of a message; gives what no longer waits, in
    /// order.
    pub(super) fn settle(
        &mut self,
        channel: &ChannelName,
        id: Ulid,
        outcome: Result<(), EngineError>,
    ) -> Vec<Waiting> {
        let Some(queue) = self.waiting.get_mut(channel) else {
            return Vec::new();
        };
        if let Some(waiting) = queue.iter_mut().find(|waiting| waiting.message.id == id) {
            waiting.outcome = Some(outcome);
        }
        let mut settled = Vec::new();
        while let Some(waiting) = queue.pop_front_if(|waiting| waiting.outcome.is_some()) {
            settled.push(waiting);
        }
        if queue.is_empty() {
            self.waiting.remove(channel);
        }
        settled
    }

    /// How many channels and deduplication ids it remembers.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.waiting.len() + self.recent.len()
    }

    /// Gives back the memory that a crowd of channels once needed.
    pub(super) fn shrink(&mut self) {
        self.recent.shrink();
        self.waiting.shrink_to(2 * self.waiting.len());
    }
}
