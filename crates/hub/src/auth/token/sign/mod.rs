//! The hub's own tokens, signed with HS256 and its signing key.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use live_dashboard_protocol::name::ChannelName;
use serde::Serialize;

use super::{KeyError, VerificationKey};
use crate::auth::claims::Expected;

/// Signs tokens with the hub's own key.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    pub(super) verification_key: VerificationKey,
    expected: Expected,
    digest: String,
}

impl Signer {
    /// Signs with a secret. The tokens contain what the hub expects of any token.
    ///
    /// # Errors
    /// The secret is too short.
    pub fn new(signing_key: &str, expected: Expected) -> Result<Self, KeyError> {
        let secret = signing_key.as_bytes();
        Ok(Self {
            key: EncodingKey::from_secret(secret),
            verification_key: VerificationKey::from_hmac_secret(Algorithm::HS256, secret, None)?,
            expected,
            digest: keyed_digest(secret),
        })
    }

    /// The name of its key, as in [`Claims::key`](crate::auth::Claims::key).
    pub fn key_name(&self) -> &str {
        self.verification_key.name()
    }

    /// A digest of the key, by which hubs know whether they have the same one.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A token for a viewer, to connect and to subscribe to these channels. It is
    /// valid for `lifetime` seconds from `now`, and grants stored messages from
    /// `history_start` on; both times are in seconds since the Unix epoch.
    pub fn viewer_token(
        &self,
        channels: &[ChannelName],
        uid: Option<&str>,
        history_start: Option<f64>,
        now: f64,
        lifetime: f64,
    ) -> String {
        let grant = || Grant {
            subscribe: true,
            history_start,
        };
        self.sign(&ViewerClaims {
            exp: (now + lifetime) as u64,
            iat: now,
            aud: self.expected.audience.as_deref(),
            iss: self.expected.issuer.as_deref(),
            scope: "connect",
            uid,
            channels: channels.iter().map(|channel| (channel, grant())).collect(),
        })
    }

    /// A token with exactly these claims.
    ///
    /// # Panics
    /// The claims cannot be serialized, such as a map whose keys are not strings.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.key)
            .expect("claims are JSON, and HS256 takes any secret")
    }
}

/// Shows no secret.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct ViewerClaims<'a> {
    exp: u64,
    /// With its fraction: what is withdrawn are the tokens issued before a time.
    iat: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    channels: BTreeMap<&'a ChannelName, Grant>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    subscribe: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    history_start: Option<f64>,
}

/// A digest that reveals nothing of `secret`.
fn keyed_digest(secret: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"live-dashboard signing key"))
}

#[cfg(test)]
mod tests;
