//! Counts what each owner has.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How many each key has. Keys that have none take no memory.
pub(crate) struct Counts<K>(Mutex<HashMap<K, usize>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// One of a key; no longer counted once it is dropped.
pub(crate) struct Counted<K: Hash + Eq> {
    key: K,
    counts: Arc<Counts<K>>,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    /// One more of `key`, `None` if it has `limit` already.
    pub(crate) fn take(self: &Arc<Self>, key: K, limit: Option<usize>) -> Option<Counted<K>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&key).copied().unwrap_or(0);
        if limit.is_some_and(|limit| count >= limit) {
            return None;
        }
        counts.insert(key.clone(), count + 1);
        let counts = Arc::clone(self);
        Some(Counted { key, counts })
    }
}

impl<K: Hash + Eq> Drop for Counted<K> {
    fn drop(&mut self) {
        let counts = self.counts.0.lock();
        let mut counts = counts.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}
