//! The deduplication ids of the last minutes.

use std::collections::{HashMap, VecDeque};
use std::time::SystemTime;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::watch;
use ulid::Ulid;

use super::super::DEDUPLICATION_WINDOW;

/// A deduplication id on its channel.
pub(super) type Key = (ChannelName, String);

/// What is known of a deduplication id.
#[derive(Clone)]
pub(super) enum Known {
    /// A message with it was accepted under this id, and keeps others away
    /// until then.
    Accepted(Ulid, SystemTime),
    /// A message with it waits for the store; the other end is dropped when
    /// that is over.
    Pending(watch::Receiver<()>),
}

/// The deduplication ids that keep messages away.
#[derive(Default)]
pub(super) struct Recent {
    known: HashMap<Key, Known>,
    /// The keys of what was accepted, oldest first.
    expiry: VecDeque<(SystemTime, Key)>,
}

impl Recent {
    pub(super) fn get(&self, key: &Key) -> Option<Known> {
        self.known.get(key).cloned()
    }

    /// A message with this id is on its way; nobody else's may be until the
    /// result is dropped.
    pub(super) fn begin(&mut self, key: Key) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        self.known.insert(key, Known::Pending(receiver));
        sender
    }

    /// A message with this id was accepted at `now`.
    pub(super) fn accept(&mut self, key: Key, id: Ulid, now: SystemTime) {
        self.accept_until(key, id, now + DEDUPLICATION_WINDOW);
    }

    /// A message with this id was accepted, and keeps others away until then.
    pub(super) fn accept_until(&mut self, key: Key, id: Ulid, until: SystemTime) {
        self.expiry.push_back((until, key.clone()));
        self.known.insert(key, Known::Accepted(id, until));
    }

    /// The message with this id was not accepted after all.
    pub(super) fn fail(&mut self, key: &Key) {
        self.known.remove(key);
    }

    pub(super) fn forget_expired(&mut self, now: SystemTime) {
        while let Some((until, _)) = self.expiry.front()
            && *until <= now
        {
            // Another message may have been accepted with the same id since.
            if let Some((_, key)) = self.expiry.pop_front()
                && let Some(Known::Accepted(_, until)) = self.known.get(&key)
                && *until <= now
            {
                self.known.remove(&key);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len() + self.expiry.len()
    }

    /// Gives back the memory that a crowd of ids once needed.
    pub(super) fn shrink(&mut self) {
        self.known.shrink_to(2 * self.known.len());
        self.expiry.shrink_to(2 * self.expiry.len());
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn what_was_accepted_again_does_not_expire_with_the_first_time() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let channel = ChannelName::new("c").expect("valid");
        let key = || (channel.clone(), "d".to_owned());
        let mut recent = Recent::default();
        // As they lie in the store before it is swept.
        recent.accept_until(key(), Ulid::from(1), at(300));
        recent.accept_until(key(), Ulid::from(2), at(600));
        recent.forget_expired(at(310));
        let known = recent.get(&key());
        assert!(matches!(known, Some(Known::Accepted(id, _)) if id == Ulid::from(2)));
        recent.forget_expired(at(600));
        assert_eq!(recent.len(), 0);
    }
}
