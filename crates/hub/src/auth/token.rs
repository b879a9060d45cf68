//! Signatures: which tokens are genuine, and the hub's own tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::{Claims, Expected};
use super::error::TokenError;

mod key;
mod sign;

pub use jsonwebtoken::Algorithm;
pub use key::{KeyError, VerificationKey};
pub use sign::{MintedClaims, Signer};

/// How many keys of others may be configured at once: the one in use and the
/// next.
pub const MAX_VERIFICATION_KEYS: usize = 2;

/// The keys that a token may be signed with, and what it must say besides.
#[derive(Debug, Clone)]
pub struct Verifiers {
    keys: Vec<VerificationKey>,
    expected: Expected,
}

impl Verifiers {
    /// Trusts the holders of `keys`.
    ///
    /// # Errors
    /// There are more than [`MAX_VERIFICATION_KEYS`].
    pub fn new(keys: Vec<VerificationKey>, expected: Expected) -> Result<Self, KeyError> {
        if keys.len() > MAX_VERIFICATION_KEYS {
            return Err(KeyError::TooMany);
        }
        Ok(Self { keys, expected })
    }

    /// Trusts the hub itself as well, beside the configured keys.
    #[must_use]
    pub fn and_own(mut self, signer: &Signer) -> Self {
        self.keys.push(signer.verification_key());
        self
    }

    /// The claims of a token that is genuine and valid at `now`, in seconds
    /// since the Unix epoch. Its single use is not touched.
    ///
    /// # Errors
    /// There is no token, no key vouches for it, its claims are invalid, or it
    /// is not valid now or here.
    pub fn verify(&self, token: &str, now: f64) -> Result<Claims, TokenError> {
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        let parts = Parts::split(token)?;
        let header = Header::parse(parts.header)?;
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.fits(&header.alg, header.kid.as_deref()))
            .peekable();
        if fitting.peek().is_none() {
            return Err(TokenError::UnknownKey);
        }
        if !fitting.any(|key| key.has_signed(parts.signed, parts.signature)) {
            return Err(TokenError::BadSignature);
        }
        let payload = BASE64_URL_SAFE_NO_PAD
            .decode(parts.payload)
            .map_err(|_| TokenError::Malformed("payload is not base64url"))?;
        let claims = Claims::parse(&payload)?;
        claims.check(now, &self.expected)?;
        Ok(claims)
    }
}

/// The parts of a JWT in its compact form (RFC 7515, section 3.1).
struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// What the signature is over: header and payload, with the dot.
    signed: &'a str,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        let parts = || {
            let (signed, signature) = token.rsplit_once('.')?;
            let (header, payload) = signed.split_once('.')?;
            (!payload.contains('.')).then_some(Self {
                header,
                payload,
                signature,
                signed,
            })
        };
        parts().ok_or(TokenError::Malformed("parts are not three"))
    }
}

/// What the hub reads of a token's header. Keys that a header may carry or
/// point to are none of the hub's and ignored.
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
        // Extensions that must be understood (RFC 7515, section 4.1.11): none is.
        if header.crit.is_some() {
            return Err(TokenError::Malformed("header demands an extension"));
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests;
