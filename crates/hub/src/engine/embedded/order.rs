//! Keeps each channel's order while messages wait for the store.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard};

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::{oneshot, watch};
use ulid::Ulid;

use super::super::{EngineError, Message};
use super::deduplicator::{Deduplicator, Key, Memory};
use super::lock;

/// The number of locks that channels are spread over.
const SHARDS: usize = 64;
/// The most unstored messages of a channel that may wait behind a stored one.
pub(super) const MAX_WAITING: usize = 10_000;

/// The channels, spread over shards.
pub(super) struct Channels {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
    memory: Arc<Memory>,
}

/// The queues and deduplication ids of some channels. Its lock is held while a
/// message is emitted, which keeps the order.
pub(super) struct Shard {
    pub(super) deduplicator: Deduplicator,
    /// The waiting messages of each channel that has any, in order.
    waiting: HashMap<ChannelName, VecDeque<Waiting>>,
}

/// A message that has an id and is not yet emitted.
pub(super) struct Waiting {
    pub(super) message: Message,
    /// Whether it is stored.
    pub(super) stored: bool,
    /// The store's answer; `Ok` from the start if the message is not stored.
    pub(super) result: Option<Result<(), EngineError>>,
    /// Its deduplication id; dropping the sender wakes publishers with the same one.
    pub(super) deduplication: Option<(Key, watch::Sender<()>)>,
    /// Answers the publisher, who may be gone.
    pub(super) reply: oneshot::Sender<Result<(), EngineError>>,
}

impl Channels {
    /// No channels, with at most so many bytes of deduplication ids of unstored messages.
    pub(super) fn new(deduplication_bytes: usize) -> Self {
        let memory = Memory::new(deduplication_bytes);
        let shard = |_| {
            Mutex::new(Shard {
                deduplicator: Deduplicator::new(Arc::clone(&memory)),
                waiting: HashMap::new(),
            })
        };
        Self {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(shard).collect(),
            memory,
        }
    }

    /// How many deduplication ids were forgotten before their time.
    pub(super) fn forgotten_ids(&self) -> u64 {
        self.memory.forgotten()
    }

    pub(super) fn shard(&self, channel: &ChannelName) -> MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(channel);
        let index = usize::try_from(hash % SHARDS as u64).expect("less than the number of shards");
        lock(&self.shards[index])
    }

    /// Calls `act` with each shard, one after the other.
    pub(super) fn each(&self, mut act: impl FnMut(&mut Shard)) {
        for shard in &self.shards {
            act(&mut lock(shard));
        }
    }
}

impl Shard {
    /// Returns how many messages of a channel are waiting.
    pub(super) fn waiting(&self, channel: &ChannelName) -> usize {
        self.waiting.get(channel).map_or(0, VecDeque::len)
    }

    /// Appends a message to its channel's queue.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waiting
            .entry(waiting.message.channel.clone())
            .or_default()
            .push_back(waiting);
    }

    /// Notes the store's answer for a message. Returns the messages that need not
    /// wait any longer, in order.
    pub(super) fn settle(
        &mut self,
        channel: &ChannelName,
        id: Ulid,
        result: Result<(), EngineError>,
    ) -> Vec<Waiting> {
        let Some(queue) = self.waiting.get_mut(channel) else {
            return Vec::new();
        };
        if let Some(waiting) = queue.iter_mut().find(|waiting| waiting.message.id == id) {
            waiting.result = Some(result);
        }
        let mut settled = Vec::new();
        while let Some(waiting) = queue.pop_front_if(|waiting| waiting.result.is_some()) {
            settled.push(waiting);
        }
        if queue.is_empty() {
            self.waiting.remove(channel);
        }
        settled
    }

    /// Returns how many channels and deduplication ids it remembers.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.waiting.len() + self.deduplicator.len()
    }

    /// Releases memory that is no longer needed.
    pub(super) fn shrink(&mut self) {
        self.deduplicator.shrink();
        self.waiting.shrink_to(2 * self.waiting.len());
    }
}
