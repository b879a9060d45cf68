//! The hub's secrets: the API keys of publishers, the key that signs the hub's
//! own tokens, and the file that stores them.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

mod file;

pub use file::{KeyFileError, StoredKeys};

/// The length of an API key.
pub const API_KEY_CHARS: usize = 40;
/// How many API keys may be valid at once: the current and the next.
pub const MAX_API_KEYS: usize = 2;

/// The keys that publishers may present.
#[derive(Clone)]
pub struct ApiKeys(Vec<String>);

/// Why texts are not valid API keys. Never shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// None, or too many.
    #[error("there must be one or two API keys")]
    Count,
    /// One of them has the wrong length or an invalid character.
    #[error(
        "an API key must have exactly {API_KEY_CHARS} printable ASCII characters, no commas or spaces"
    )]
    Shape,
}

impl ApiKeys {
    /// One or two keys of exactly 40 printable ASCII characters, without commas
    /// and spaces.
    ///
    /// # Errors
    /// The number of keys or one of them breaks the rule.
    pub fn new(keys: impl IntoIterator<Item = String>) -> Result<Self, ApiKeyError> {
        let keys: Vec<String> = keys.into_iter().collect();
        if keys.is_empty() || keys.len() > MAX_API_KEYS {
            return Err(ApiKeyError::Count);
        }
        if !keys.iter().all(|key| is_api_key(key)) {
            return Err(ApiKeyError::Shape);
        }
        Ok(Self(keys))
    }

    /// A digest of the keys, by which hubs know whether they have the same ones.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut keys: Vec<&str> = self.0.iter().map(String::as_str).collect();
        keys.sort_unstable();
        let hash = digest(&SHA256, keys.join(",").as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    }

    /// The index of the key that is `presented`, `None` if it is none of them. Takes the
    /// same time for all keys of the right length, so that the time reveals nothing.
    pub fn index_of(&self, presented: &str) -> Option<usize> {
        let equal = |key: &str| verify_slices_are_equal(key.as_bytes(), presented.as_bytes());
        let keys = self.0.iter().enumerate();
        keys.fold(None, |found, (index, key)| match equal(key) {
            Ok(()) => Some(index),
            Err(_) => found,
        })
    }
}

/// Shows no key.
impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({} not shown)", self.0.len())
    }
}

fn is_api_key(key: &str) -> bool {
    key.len() == API_KEY_CHARS && key.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}

#[cfg(test)]
mod tests;
