//! Requests of an address in a second.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
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
pub(crate) struct Rates {
    per_second: Option<u32>,
    state: Mutex<State>,
}

struct State {
    buckets: HashMap<AddressKey, Bucket>,
    /// When full buckets were last dropped.
    swept: Instant,
}

impl Rates {
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        let state = State {
            buckets: HashMap::new(),
            swept: Instant::now(),
        };
        Self {
            per_second,
            state: Mutex::new(state),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// There are too many; the time until there may be another.
    pub(crate) fn take(&self, key: AddressKey) -> Result<(), Duration> {
        let Some(per_second) = self.per_second else {
            return Ok(());
        };
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
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
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.buckets.len()
    }
}
