//! The hub's secrets: the API keys of publishers, the key that signs the hub's
//! own tokens, and the file that stores them.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

mod file;

pub use file::{KeyFileError, StoredKeys};

/// The length of an API key.
pub const API_KEY_CHARS: usize = 40;
/// How many API keys may be valid at once: the current and the next.
pub const MAX_API_KEYS: usize = 2;

/// How many keys may be limited to dashboards.
pub const MAX_LIMITED_KEYS: usize = 100;

/// The keys that publishers may present.
#[derive(Clone)]
pub struct ApiKeys {
    full: Vec<String>,
    limited: Vec<LimitedKey>,
}

/// A key that may publish to some dashboards and do nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitedKey {
    /// The key.
    pub key: String,
    /// The names of the dashboards.
    pub dashboards: BTreeSet<String>,
}

/// Who has presented a valid key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The number of the key among all of them.
    pub index: usize,
    /// The dashboards that the key is limited to; `None` if it may do everything.
    pub dashboards: Option<BTreeSet<String>>,
}

impl Publisher {
    /// Whether the key may publish to a dashboard.
    pub fn may_publish_to(&self, dashboard: &str) -> bool {
        let limited = self.dashboards.as_ref();
        limited.is_none_or(|dashboards| dashboards.contains(dashboard))
    }
}

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
    /// There are too many limited ones.
    #[error("there may be at most {MAX_LIMITED_KEYS} keys that are limited to dashboards")]
    TooManyLimited,
    /// One is limited to nothing.
    #[error("a limited key must have at least one dashboard")]
    NoDashboard,
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
        Ok(Self {
            full: keys,
            limited: Vec::new(),
        })
    }

    /// Adds keys of 40 characters that are limited to dashboards.
    ///
    /// # Errors
    /// There are too many, or one of them breaks the rule.
    pub fn and_limited(mut self, keys: Vec<LimitedKey>) -> Result<Self, ApiKeyError> {
        if keys.len() > MAX_LIMITED_KEYS {
            return Err(ApiKeyError::TooManyLimited);
        }
        if !keys.iter().all(|limited| is_api_key(&limited.key)) {
            return Err(ApiKeyError::Shape);
        }
        if keys.iter().any(|limited| limited.dashboards.is_empty()) {
            return Err(ApiKeyError::NoDashboard);
        }
        self.limited = keys;
        Ok(self)
    }

    /// A digest of the keys, by which hubs know whether they have the same ones.
    #[must_use]
    pub fn digest(&self) -> String {
        let limited = self.limited.iter().map(|limited| {
            let dashboards: Vec<&str> = limited.dashboards.iter().map(String::as_str).collect();
            format!("{} {}", limited.key, dashboards.join(" "))
        });
        let mut keys: Vec<String> = self.full.iter().cloned().chain(limited).collect();
        keys.sort_unstable();
        let hash = digest(&SHA256, keys.join(",").as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    }

    /// Whose key is `presented`, `None` if it is none of them. Takes the same time for all
    /// keys of the right length, so that the time reveals nothing.
    pub fn publisher(&self, presented: &str) -> Option<Publisher> {
        let equal = |key: &str| verify_slices_are_equal(key.as_bytes(), presented.as_bytes());
        let full = self.full.iter().map(|key| (key, None));
        let limited = self.limited.iter();
        let limited = limited.map(|limited| (&limited.key, Some(&limited.dashboards)));
        let keys = full.chain(limited).enumerate();
        let found = keys.fold(None, |found, (index, (key, dashboards))| match equal(key) {
            Ok(()) => Some((index, dashboards)),
            Err(_) => found,
        });
        found.map(|(index, dashboards)| Publisher {
            index,
            dashboards: dashboards.cloned(),
        })
    }
}

/// Shows no key.
impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.full.len() + self.limited.len();
        write!(f, "ApiKeys({keys} not shown)")
    }
}

/// Shows no key.
impl fmt::Debug for LimitedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LimitedKey({:?})", self.dashboards)
    }
}

fn is_api_key(key: &str) -> bool {
    key.len() == API_KEY_CHARS && key.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}

#[cfg(test)]
mod tests;
