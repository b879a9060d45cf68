//! Signatures: verifies tokens, and signs the hub's own.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::{Claims, Expected};
use super::error::TokenError;

mod key;
mod key_set;
mod sign;

pub use jsonwebtoken::Algorithm;
pub use key::{KeyError, MIN_SECRET_BYTES, VerificationKey};
pub use key_set::{KeySet, KeySetError, KeySource};
pub use sign::Signer;

/// The most verification keys in addition to the hub's own: the current and the next.
pub const MAX_VERIFICATION_KEYS: usize = 2;

/// The keys that tokens are verified with, and the required audience and issuer.
#[derive(Debug, Clone)]
pub struct Verifiers {
    keys: Vec<VerificationKey>,
    sets: Vec<Arc<KeySet>>,
    expected: Expected,
}

impl Verifiers {
    /// Accepts tokens signed with one of `keys`.
    ///
    /// # Errors
    /// There are more than [`MAX_VERIFICATION_KEYS`].
    pub fn new(keys: Vec<VerificationKey>, expected: Expected) -> Result<Self, KeyError> {
        if keys.len() > MAX_VERIFICATION_KEYS {
            return Err(KeyError::TooMany);
        }
        Ok(Self {
            keys,
            sets: Vec::new(),
            expected,
        })
    }

    /// Also accepts tokens signed with a key of these sets.
    ///
    /// # Errors
    /// There are more than [`MAX_VERIFICATION_KEYS`] keys and sets.
    pub fn and_sets(mut self, sets: Vec<Arc<KeySet>>) -> Result<Self, KeyError> {
        if self.keys.len() + sets.len() > MAX_VERIFICATION_KEYS {
            return Err(KeyError::TooMany);
        }
        self.sets = sets;
        Ok(self)
    }

    /// The key sets.
    pub fn sets(&self) -> &[Arc<KeySet>] {
        &self.sets
    }

    /// Takes over the keys of those sets that `previous` has too.
    #[must_use]
    pub fn with_sets_of(mut self, previous: &Self) -> Self {
        for set in &mut self.sets {
            if let Some(same) = previous.sets.iter().find(|other| other.is_same(set)) {
                *set = Arc::clone(same);
            }
        }
        self
    }

    /// Whether one of the keys has the name that is in [`Claims::key`].
    pub fn has_key(&self, name: &str) -> bool {
        let in_set = |set: &Arc<KeySet>| set.keys().iter().any(|key| key.name() == name);
        self.keys.iter().any(|key| key.name() == name) || self.sets.iter().any(in_set)
    }

    /// Also accepts the hub's own tokens.
    #[must_use]
    pub fn and_own(mut self, signer: &Signer) -> Self {
        self.keys.push(signer.verification_key.clone());
        self
    }

    /// The claims of a token whose signature is valid, and which is valid at `now`,
    /// in seconds since the Unix epoch. A single use is not consumed.
    ///
    /// # Errors
    /// There is no token, its signature or its claims are invalid, or it is not
    /// valid now or for this hub.
    pub fn verify(&self, token: &str, now: f64) -> Result<Claims, TokenError> {
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        // The compact form (RFC 7515, section 3.1). The signature is over the text
        // before it.
        let [header, payload, signature] = *token.split('.').collect::<Vec<_>>() else {
            return Err(TokenError::Malformed("number of parts is not three"));
        };
        let signed = &token[..header.len() + 1 + payload.len()];
        let header = Header::parse(header)?;
        let of_sets: Vec<_> = self.sets.iter().map(|set| set.keys()).collect();
        let of_sets = of_sets.iter().flat_map(|keys| keys.iter());
        let candidates = self.keys.iter().chain(of_sets);
        let mut candidates = candidates
            .filter(|key| key.matches(&header.alg, header.kid.as_deref()))
            .peekable();
        if candidates.peek().is_none() {
            return Err(TokenError::UnknownKey);
        }
        let key = candidates
            .find(|key| key.verifies(signed, signature))
            .ok_or(TokenError::BadSignature)?;
        let payload = BASE64_URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TokenError::Malformed("payload is not base64url"))?;
        let mut claims = Claims::parse(&payload)?;
        key.name().clone_into(&mut claims.key);
        claims.check(now, &self.expected)?;
        Ok(claims)
    }
}

/// What the hub reads of a token's header. Keys in the header, or addresses of
/// keys, are ignored.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

impl Header {
    fn parse(encoded: &str) -> Result<Self, TokenError> {
        let header: Self = BASE64_URL_SAFE_NO_PAD
            .decode(encoded)
            .ok()
            .filter(|json| json.trim_ascii_start().starts_with(b"{"))
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or(TokenError::Malformed(
                "header is not that of a signed token",
            ))?;
        // Extensions that must be understood (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return Err(TokenError::Malformed("header requires an extension"));
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests;
