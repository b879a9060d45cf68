//! The hub's secrets: the API keys of publishers, the key that signs the hub's
//! own tokens, and the file that keeps them.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;

mod file;

pub use file::{KeyFileError, StoredKeys};

/// How many characters an API key has.
pub const API_KEY_CHARS: usize = 40;
/// How many API keys may be valid at once: the one in use and the next.
pub const MAX_API_KEYS: usize = 2;

/// The keys that publishers may present.
#[derive(Clone)]
pub struct ApiKeys(Vec<String>);

/// Why texts are no API keys. Never shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// There are none, or too many.
    #[error("there must be one or two API keys")]
    Count,
    /// One of them is not as an API key must be.
    #[error(
        "an API key must have exactly 40 printable ASCII characters, none of them a comma or a space"
    )]
    Shape,
}

impl ApiKeys {
    /// One or two keys of exactly 40 printable ASCII characters, without
    /// commas and spaces.
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

    /// Whether `presented` is one of the keys. How long that takes tells
    /// nothing of them: each is compared to its end.
    pub fn accepts(&self, presented: &str) -> bool {
        self.0.iter().fold(false, |accepted, key| {
            accepted | verify_slices_are_equal(key.as_bytes(), presented.as_bytes()).is_ok()
        })
    }
}

/// Keys with a comma between, as they stand in the environment.
impl std::str::FromStr for ApiKeys {
    type Err = ApiKeyError;

    fn from_str(keys: &str) -> Result<Self, ApiKeyError> {
        Self::new(keys.split(',').map(str::to_owned))
    }
}

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
