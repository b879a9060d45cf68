//! Recognizes duplicates by the deduplication ids of the last minutes.

use std::collections::{HashMap, VecDeque};
use std::time::SystemTime;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::watch;
use ulid::Ulid;

use super::super::DEDUPLICATION_WINDOW;

/// A deduplication id on its channel.
pub(super) type Key = (ChannelName, String);

/// The first message with a deduplication id.
#[derive(Clone)]
pub(super) enum First {
    /// It was accepted under this id. Others are duplicates until this time.
    Accepted(Ulid, SystemTime),
    /// It is waiting for the store. The sender is dropped once the store has answered.
    Pending(watch::Receiver<()>),
}

/// Maps deduplication ids to the first message with each.
#[derive(Default)]
pub(super) struct Deduplicator {
    first: HashMap<Key, First>,
    /// The keys of accepted messages, oldest first.
    expiry: VecDeque<(SystemTime, Key)>,
}

impl Deduplicator {
    pub(super) fn get(&self, key: &Key) -> Option<First> {
        self.first.get(key).cloned()
    }

    /// Notes that a message is waiting for the store. Drop the sender after
    /// [`Self::accept`] or [`Self::reject`].
    pub(super) fn begin(&mut self, key: Key) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        self.first.insert(key, First::Pending(receiver));
        sender
    }

    /// Notes that a message was accepted at `now`.
    pub(super) fn accept(&mut self, key: Key, id: Ulid, now: SystemTime) {
        self.accept_until(key, id, now + DEDUPLICATION_WINDOW);
    }

    /// Notes that a message was accepted; others are duplicates until `until`.
    pub(super) fn accept_until(&mut self, key: Key, id: Ulid, until: SystemTime) {
        self.expiry.push_back((until, key.clone()));
        self.first.insert(key, First::Accepted(id, until));
    }

    /// Notes that the waiting message was not accepted.
    pub(super) fn reject(&mut self, key: &Key) {
        self.first.remove(key);
    }

    pub(super) fn forget_expired(&mut self, now: SystemTime) {
        while let Some((until, _)) = self.expiry.front()
            && *until <= now
        {
            // Another message with the same deduplication id may have been accepted since.
            if let Some((_, key)) = self.expiry.pop_front()
                && let Some(First::Accepted(_, until)) = self.first.get(&key)
                && *until <= now
            {
                self.first.remove(&key);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.expiry.len()
    }

    /// Releases memory that is no longer needed.
    pub(super) fn shrink(&mut self) {
        self.first.shrink_to(2 * self.first.len());
        self.expiry.shrink_to(2 * self.expiry.len());
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_message_accepted_later_does_not_expire_with_an_earlier_one() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let channel = ChannelName::new("c").expect("valid");
        let key = || (channel.clone(), "d".to_owned());
        let mut deduplicator = Deduplicator::default();
        // In this order they come from a store that was not swept.
        deduplicator.accept_until(key(), Ulid::from(1), at(300));
        deduplicator.accept_until(key(), Ulid::from(2), at(600));
        deduplicator.forget_expired(at(310));
        let first = deduplicator.get(&key());
        assert!(matches!(first, Some(First::Accepted(id, _)) if id == Ulid::from(2)));
        deduplicator.forget_expired(at(600));
        assert_eq!(deduplicator.len(), 0);
    }
}
