//! The hub's own tokens, under HS256 and its signing key.

use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use live_dashboard_protocol::name::ChannelName;
use serde::Serialize;

use super::VerificationKey;
use crate::auth::claims::{Expected, Scope};

/// Signs tokens with the hub's own key.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    verification_key: VerificationKey,
    expected: Expected,
}

/// A token of the hub's own: for one channel, which may be subscribed to.
#[derive(Debug, Clone, PartialEq)]
pub struct MintedClaims {
    /// When it ends, in whole seconds since the Unix epoch.
    pub exp: u64,
    /// When it was made, likewise.
    pub iat: u64,
    /// What it is for.
    pub scope: Scope,
    /// Who it is for, where that is known.
    pub uid: Option<String>,
    /// A name of its own (`jti`) for a token that shall work only once.
    pub single_use_id: Option<String>,
    /// The channel.
    pub channel: ChannelName,
    /// The oldest stored message that may be listed, in seconds since the Unix
    /// epoch.
    pub history_start: Option<f64>,
}

impl Signer {
    /// Signs with a secret. The tokens say what the hub expects of any token.
    ///
    /// # Errors
    /// The secret is empty.
    pub fn new(signing_key: &str, expected: Expected) -> Result<Self, super::KeyError> {
        let secret = signing_key.as_bytes();
        Ok(Self {
            key: EncodingKey::from_secret(secret),
            verification_key: VerificationKey::from_hmac_secret(Algorithm::HS256, secret, None)?,
            expected,
        })
    }

    /// A token for a viewer to open a connection with, and to subscribe to one
    /// channel. It works from `now`, in seconds since the Unix epoch, for
    /// `lifetime` seconds; stored messages may be listed from `history_start`
    /// on, likewise.
    pub fn viewer_token(
        &self,
        channel: &ChannelName,
        uid: Option<String>,
        history_start: Option<f64>,
        now: f64,
        lifetime: f64,
    ) -> String {
        self.mint(&MintedClaims {
            uid,
            history_start,
            ..MintedClaims::new(channel.clone(), Scope::CONNECT, now, lifetime)
        })
    }

    /// A token with these claims, and with the audience and the issuer that
    /// the hub expects.
    pub fn mint(&self, claims: &MintedClaims) -> String {
        self.sign(&Payload {
            exp: claims.exp,
            iat: claims.iat,
            aud: self.expected.audience.as_deref(),
            iss: self.expected.issuer.as_deref(),
            scope: claims.scope.to_string(),
            uid: claims.uid.as_deref(),
            jti: claims.single_use_id.as_deref(),
            single_use: claims.single_use_id.is_some(),
            channels: BTreeMap::from([(
                &claims.channel,
                Grant {
                    subscribe: true,
                    history_start: claims.history_start,
                },
            )]),
        })
    }

    /// A token with exactly these claims.
    ///
    /// # Panics
    /// The claims are nothing that JSON can hold, such as a map whose keys are
    /// no strings.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.key)
            .expect("claims are JSON, and HS256 takes any secret")
    }

    pub(super) fn verification_key(&self) -> VerificationKey {
        self.verification_key.clone()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

impl MintedClaims {
    /// A token of nobody in particular, without history, that works any number
    /// of times from `now` on for `lifetime` seconds.
    pub fn new(channel: ChannelName, scope: Scope, now: f64, lifetime: f64) -> Self {
        Self {
            exp: whole_seconds(now + lifetime),
            iat: whole_seconds(now),
            scope,
            uid: None,
            single_use_id: None,
            channel,
            history_start: None,
        }
    }
}

/// [`MintedClaims`] as the protocol writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    single_use: bool,
    channels: BTreeMap<&'a ChannelName, Grant>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    subscribe: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    history_start: Option<f64>,
}

fn whole_seconds(seconds: f64) -> u64 {
    seconds as u64
}

#[cfg(test)]
mod tests;
