//! Decides who gets a connection, and who must come back later. No I/O.
//!
//! - [`slots`]: the connections that fit, and a few more for operators.
//! - [`counts`]: how many things there are of each owner.
//! - [`addresses`]: requests of an address in a second.

mod addresses;
mod counts;
mod slots;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::limits::{Limits, SPARE_CONNECTIONS};
use crate::rate::Bucket;
use addresses::{AddressKey, Rates};
pub(crate) use counts::Counted;
use counts::Counts;
pub(crate) use slots::Slot;
use slots::Slots;

/// When to come back if there is no room.
const RETRY: Duration = Duration::from_secs(5);

/// Why a client must come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the hub has no room for another connection")]
    Connections,
    #[error("there are too many connections from this address")]
    AddressConnections,
    #[error("too many requests from this address")]
    AddressRate(Duration),
    #[error("this user has too many connections")]
    UserConnections,
    #[error("too many messages are published with this API key")]
    KeyRate(Duration),
    #[error("this viewer has too many unread answers")]
    Answers,
    #[error("too much waits to be read by viewers")]
    Waiting,
}

impl Refusal {
    /// The label in the metrics.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::AddressConnections => "address_connections",
            Self::AddressRate(_) => "address_rate",
            Self::UserConnections => "user_connections",
            Self::KeyRate(_) => "key_rate",
            Self::Answers => "unread_answers",
            Self::Waiting => "waiting",
        }
    }

    /// When to come back.
    pub(crate) fn retry_after(self) -> Duration {
        match self {
            Self::AddressRate(wait) | Self::KeyRate(wait) => wait,
            Self::Answers | Self::Waiting => Duration::from_secs(1),
            _ => RETRY,
        }
    }
}

/// Enforces the [`Limits`] that concern more than one connection.
pub(crate) struct Admission {
    limits: RwLock<Arc<Limits>>,
    slots: Arc<Slots>,
    peers: Arc<Counts<AddressKey>>,
    viewers: Arc<Counts<AddressKey>>,
    users: Arc<Counts<Arc<str>>>,
    answers: Arc<Counts<String>>,
    rates: Rates,
    keys: Mutex<Vec<Bucket>>,
}

/// A connection that was admitted, as long as it is open.
pub(crate) struct Admitted {
    pub(crate) slot: Slot,
    /// Why it is only for operators.
    pub(crate) refusal: Option<Refusal>,
    _peer: Option<Counted<AddressKey>>,
}

/// A viewer's WebSocket, as long as it is open.
pub(crate) struct ViewerPermit {
    _address: Option<Counted<AddressKey>>,
    _user: Option<Counted<Arc<str>>>,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            slots: Slots::new(SPARE_CONNECTIONS),
            peers: Arc::default(),
            viewers: Arc::default(),
            users: Arc::default(),
            answers: Arc::default(),
            rates: Rates::new(),
            keys: Mutex::default(),
            limits: RwLock::new(Arc::new(limits)),
        }
    }

    /// The limits as of now.
    pub(crate) fn limits(&self) -> Arc<Limits> {
        let limits = self.limits.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&limits)
    }

    /// Replaces the limits. What is over them stays until it ends by itself.
    pub(crate) fn set_limits(&self, limits: Limits) {
        let mut current = self.limits.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(limits);
        drop(current);
        // Those of the previous rates.
        self.rates.clear();
        self.keys().clear();
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Bucket>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a new connection of `peer`, which has no limit of its own if it is a trusted
    /// `proxy`, whose clients are limited; `None` if not even for operators. It must end
    /// when its [`Slot`] is taken back, or when `parent` is cancelled.
    pub(crate) fn connection(
        &self,
        peer: IpAddr,
        proxy: bool,
        parent: &CancellationToken,
    ) -> Option<Admitted> {
        let now = Instant::now();
        let counted = match proxy {
            true => Ok(None),
            false => self
                .request(peer)
                .and_then(|()| self.of_address(&self.peers, peer)),
        };
        let refusal = match counted {
            Err(refusal) => refusal,
            Ok(counted) => match self.slots.take(self.limits().room(), parent, now) {
                None => Refusal::Connections,
                Some(slot) => {
                    return Some(Admitted {
                        slot,
                        refusal: None,
                        _peer: counted,
                    });
                }
            },
        };
        Some(Admitted {
            slot: self.slots.take_spare(parent, now)?,
            refusal: Some(refusal),
            _peer: None,
        })
    }

    /// Counts a request of a client's address.
    pub(crate) fn request(&self, address: IpAddr) -> Result<(), Refusal> {
        let Some(key) = self.key(address) else {
            return Ok(());
        };
        let Some(per_second) = self.limits().requests_per_address else {
            return Ok(());
        };
        let taken = self.rates.take(key, per_second);
        taken.map_err(Refusal::AddressRate)
    }

    /// Admits a WebSocket of a client's address and user.
    pub(crate) fn viewer(
        &self,
        address: IpAddr,
        uid: Option<&str>,
    ) -> Result<ViewerPermit, Refusal> {
        let limit = self.limits().connections_per_user;
        let user = uid.map(|uid| self.users.take(uid.into(), limit));
        Ok(ViewerPermit {
            _address: self.of_address(&self.viewers, address)?,
            _user: user
                .map(|counted| counted.ok_or(Refusal::UserConnections))
                .transpose()?,
        })
    }

    /// Counts messages that are published with the API key of this index.
    pub(crate) fn publish(&self, key: usize, messages: usize) -> Result<(), Refusal> {
        let Some(per_second) = self.limits().publishes_per_key else {
            return Ok(());
        };
        let now = Instant::now();
        let mut keys = self.keys();
        if keys.len() <= key {
            keys.resize(key + 1, Bucket::new(per_second, now));
        }
        keys[key].take(messages, now).map_err(Refusal::KeyRate)
    }

    /// Admits an answer of the client API to a connection.
    pub(crate) fn answer(&self, connection: &str) -> Result<Counted<String>, Refusal> {
        let limit = self.limits().answers_per_viewer;
        let answer = self.answers.take(connection.to_owned(), limit);
        answer.ok_or(Refusal::Answers)
    }

    /// Ends a connection that is silent, because there are too few files. Returns whether
    /// there was one.
    pub(crate) fn cut_silent(&self) -> bool {
        self.slots.cut_silent()
    }

    /// Whether no connection must be accepted before others have been closed.
    pub(crate) fn is_crowded(&self) -> bool {
        self.slots.is_crowded()
    }

    /// Whether another connection would be admitted.
    pub(crate) fn has_room(&self) -> bool {
        self.slots.has_room(self.limits().room())
    }

    /// Counts a connection of an address; `None` if that has no limits.
    fn of_address(
        &self,
        counts: &Arc<Counts<AddressKey>>,
        address: IpAddr,
    ) -> Result<Option<Counted<AddressKey>>, Refusal> {
        let Some(key) = self.key(address) else {
            return Ok(None);
        };
        let counted = counts.take(key, self.limits().connections_per_address);
        counted.map(Some).ok_or(Refusal::AddressConnections)
    }

    /// `None` if the address has no limits.
    fn key(&self, address: IpAddr) -> Option<AddressKey> {
        let address = address.to_canonical();
        (self.limits().loopback || !address.is_loopback()).then(|| AddressKey::of(address))
    }
}

#[cfg(test)]
mod tests;
