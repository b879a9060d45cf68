//! The public keys of an issuer as a JWK set (RFC 7517), which may change.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use super::VerificationKey;

/// The most keys of a set.
const MAX_KEYS: usize = 50;

/// Where a key set is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// At this address.
    Url(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// Why a key set cannot be used: the previous keys stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is not a JSON object with `keys`.
    #[error("it must be a JSON object with an array `keys`")]
    Malformed,
    /// Too many keys.
    #[error("it has more than {MAX_KEYS} keys")]
    TooMany,
    /// None of its keys can verify tokens.
    #[error("none of its keys can be used to verify signatures")]
    Empty,
}

/// The keys of one source, as of the last time it was read.
#[derive(Debug)]
pub struct KeySet {
    source: KeySource,
    algorithm: Option<Algorithm>,
    keys: RwLock<Arc<[VerificationKey]>>,
}

#[derive(Deserialize)]
struct Json {
    keys: Vec<Value>,
}

impl KeySet {
    /// A set without keys so far. `algorithm` is that of RSA keys that do not name
    /// theirs, by default RS256.
    pub fn new(source: KeySource, algorithm: Option<Algorithm>) -> Self {
        Self {
            source,
            algorithm,
            keys: RwLock::new(Arc::new([])),
        }
    }

    /// Where it is.
    pub fn source(&self) -> &KeySource {
        &self.source
    }

    /// Replaces the keys. Those that cannot verify tokens are left out: secrets, keys for
    /// encryption, and of unknown kinds.
    ///
    /// # Errors
    /// It is not a key set, or too large, or without a key of use.
    pub fn replace(&self, json: &[u8]) -> Result<(), KeySetError> {
        let Json { keys } = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed)?;
        if keys.len() > MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let keys = keys.into_iter().filter_map(|key| {
            let key = serde_json::from_value(key).ok()?;
            VerificationKey::from_jwk(&key, self.algorithm)
        });
        let keys: Arc<[_]> = keys.collect();
        if keys.is_empty() {
            return Err(KeySetError::Empty);
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The keys as of now.
    pub(super) fn keys(&self) -> Arc<[VerificationKey]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether another set would have the same keys.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.source == other.source && self.algorithm == other.algorithm
    }
}

#[cfg(test)]
mod tests;
