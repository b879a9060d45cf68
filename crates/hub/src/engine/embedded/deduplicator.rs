//! Recognizes duplicates by the deduplication ids of the last minutes. Its times are
//! monotonic: setting the clock neither shortens nor extends them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::watch;
use ulid::Ulid;

use super::super::DEDUPLICATION_WINDOW;

/// About how much memory an id takes in addition to its text and that of its channel.
const ID_BYTES: usize = 200;

/// A deduplication id on its channel.
pub(super) type Key = (ChannelName, String);

/// The first message with a deduplication id.
#[derive(Clone)]
pub(super) enum First {
    /// It was accepted under this id. Others are duplicates until this time.
    Accepted(Ulid, Instant),
    /// It is waiting for the store. The sender is dropped once the store has answered.
    Pending(watch::Receiver<()>),
}

/// The memory for ids of unstored messages, which all channels share. Those of stored
/// messages are bounded by the store.
#[derive(Debug)]
pub(super) struct Memory {
    limit: usize,
    bytes: AtomicUsize,
    forgotten: AtomicU64,
}

impl Memory {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            bytes: AtomicUsize::new(0),
            forgotten: AtomicU64::new(0),
        })
    }

    /// How many ids were forgotten before their time, since the start.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn left(&self) -> usize {
        self.limit
            .saturating_sub(self.bytes.load(Ordering::Relaxed))
    }
}

/// Maps deduplication ids to the first message with each.
pub(super) struct Deduplicator {
    first: HashMap<Arc<Key>, First>,
    /// The keys of accepted messages that are stored, oldest first.
    stored: Expiry,
    /// The keys of the others.
    unstored: Expiry,
    /// The memory that `unstored` takes.
    bytes: usize,
    memory: Arc<Memory>,
}

type Expiry = VecDeque<(Instant, Arc<Key>)>;

/// About how much memory an id takes, in bytes.
fn cost((channel, id): &Key) -> usize {
    channel.as_str().len() + id.len() + ID_BYTES
}

impl Deduplicator {
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self {
            first: HashMap::new(),
            stored: VecDeque::new(),
            unstored: VecDeque::new(),
            bytes: 0,
            memory,
        }
    }

    pub(super) fn get(&self, key: &Key) -> Option<First> {
        self.first.get(key).cloned()
    }

    /// Notes that a message is waiting for the store. Drop the sender after
    /// [`Self::accept`] or [`Self::reject`].
    pub(super) fn begin(&mut self, key: Key) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        self.first.insert(Arc::new(key), First::Pending(receiver));
        sender
    }

    /// Notes that a message was accepted at `now`. If it is not stored, the oldest such
    /// ids make room for it: the less memory is left, the fewer may stay.
    pub(super) fn accept(&mut self, key: Key, id: Ulid, now: Instant, stored: bool) {
        let until = now + DEDUPLICATION_WINDOW;
        if stored {
            return self.accept_stored(key, id, until);
        }
        self.charge(cost(&key));
        let key = Arc::new(key);
        self.unstored.push_back((until, Arc::clone(&key)));
        self.first.insert(key, First::Accepted(id, until));
        while self.bytes > self.memory.left()
            && let Some((until, key)) = self.unstored.pop_front()
        {
            self.release(&key);
            self.forget(&key, until);
            self.memory.forgotten.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a message was accepted and stored; others are duplicates until `until`.
    pub(super) fn accept_stored(&mut self, key: Key, id: Ulid, until: Instant) {
        let key = Arc::new(key);
        self.stored.push_back((until, Arc::clone(&key)));
        self.first.insert(key, First::Accepted(id, until));
    }

    /// Notes that the waiting message was not accepted.
    pub(super) fn reject(&mut self, key: &Key) {
        self.first.remove(key);
    }

    pub(super) fn forget_expired(&mut self, now: Instant) {
        while let Some((_, key)) = self.stored.pop_front_if(|(until, _)| *until <= now) {
            self.forget(&key, now);
        }
        while let Some((_, key)) = self.unstored.pop_front_if(|(until, _)| *until <= now) {
            self.release(&key);
            self.forget(&key, now);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.stored.len() + self.unstored.len()
    }

    /// Releases memory that is no longer needed.
    pub(super) fn shrink(&mut self) {
        self.first.shrink_to(2 * self.first.len());
        for expiry in [&mut self.stored, &mut self.unstored] {
            expiry.shrink_to(2 * expiry.len());
        }
    }

    /// Forgets a key, unless another message with it has been accepted that is remembered
    /// for longer.
    fn forget(&mut self, key: &Key, until: Instant) {
        if let Some(First::Accepted(_, of_last)) = self.first.get(key)
            && *of_last <= until
        {
            self.first.remove(key);
        }
    }

    fn charge(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.memory.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn release(&mut self, key: &Key) {
        let bytes = cost(key);
        self.bytes -= bytes;
        self.memory.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_message_accepted_later_does_not_expire_with_an_earlier_one() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let channel = ChannelName::new("c").expect("valid");
        let key = || (channel.clone(), "d".to_owned());
        let mut deduplicator = Deduplicator::new(Memory::new(1000));
        // In this order they come from a store that was not swept.
        deduplicator.accept_stored(key(), Ulid::from(1), at(300));
        deduplicator.accept_stored(key(), Ulid::from(2), at(600));
        deduplicator.forget_expired(at(310));
        let first = deduplicator.get(&key());
        assert!(matches!(first, Some(First::Accepted(id, _)) if id == Ulid::from(2)));
        deduplicator.forget_expired(at(600));
        assert_eq!(deduplicator.len(), 0);
    }

    #[test]
    fn ids_of_unstored_messages_are_bounded_and_the_oldest_are_forgotten() {
        let start = Instant::now();
        let channel = ChannelName::new("c").expect("valid");
        let key = |number: usize| (channel.clone(), format!("{number:05}"));
        let limit = 100 * cost(&key(0));
        let memory = Memory::new(limit);
        let mut busy = Deduplicator::new(Arc::clone(&memory));
        let mut quiet = Deduplicator::new(Arc::clone(&memory));
        quiet.accept(key(0), Ulid::from(1), start, false);
        busy.accept(key(99_999), Ulid::from(1), start, true);
        for number in 0..1000 {
            busy.accept(key(number), Ulid::from(1), start, false);
        }
        assert!(memory.left() > 0);
        assert!(busy.get(&key(999)).is_some() && busy.get(&key(960)).is_some());
        assert!(busy.get(&key(900)).is_none(), "the oldest");
        assert!(busy.get(&key(99_999)).is_some(), "stored ones stay");
        assert!(quiet.get(&key(0)).is_some(), "those of others stay");
        assert!(memory.forgotten() > 900);
        busy.forget_expired(start + DEDUPLICATION_WINDOW);
        quiet.forget_expired(start + DEDUPLICATION_WINDOW);
        assert_eq!(memory.left(), limit);
        assert_eq!(busy.len() + quiet.len(), 0);
    }
}
