//! Requests of an address in a second.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rate::Bucket;

/// The most addresses that are remembered. With more clients at once, a limit for each
/// is of no use: those beyond have none.
pub(super) const MAX_ADDRESSES: usize = 65_536;

/// The least time between two searches for addresses that can be forgotten.
const SWEEP: Duration = Duration::from_secs(10);

/// An IPv4 address, or an IPv6 network of 64 bits, which one client has to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AddressKey(IpAddr);

impl AddressKey {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self(address),
            IpAddr::V6(v6) => {
                let network = v6.to_bits() >> 64 << 64;
                Self(Ipv6Addr::from_bits(network).into())
            }
        }
    }
}

/// A bucket for each address that has sent a request lately.
pub(crate) struct Rates(Mutex<State>);

struct State {
    buckets: HashMap<AddressKey, Bucket>,
    /// When full buckets were last dropped.
    swept: Instant,
}

impl Rates {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            buckets: HashMap::new(),
            swept: Instant::now(),
        }))
    }

    /// Forgets all requests.
    pub(crate) fn clear(&self) {
        self.state().buckets.clear();
    }

    /// Counts one request, of which there may be `per_second`.
    ///
    /// # Errors
    /// There are too many; the time until there may be another.
    pub(crate) fn take(&self, key: AddressKey, per_second: u32) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(bucket) = state.buckets.get_mut(&key) {
            return bucket.take(1, now);
        }
        if now.saturating_duration_since(state.swept) >= SWEEP {
            state.swept = now;
            // A full bucket is as good as none.
            state.buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        if state.buckets.len() < MAX_ADDRESSES {
            let mut bucket = Bucket::new(per_second, now);
            let taken = bucket.take(1, now);
            state.buckets.insert(key, bucket);
            return taken;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.state().buckets.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
