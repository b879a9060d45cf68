//! A token's claims, read strictly from its payload.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use live_dashboard_protocol::limits::LAST_SECOND;
use serde_json::value::RawValue;

use super::channels::ChannelGrants;
use super::error::TokenError;
use super::object::{Object, json};

/// How far the clocks of issuer and hub may differ for `exp` and `nbf`, in
/// seconds.
pub const LEEWAY_SECONDS: f64 = 5.0;
/// The most characters of a `uid`.
pub const MAX_UID_CHARS: usize = 128;
/// The most bytes of a `umd` as JSON.
pub const MAX_UMD_BYTES: usize = 1024;

/// The claims of a token, each of the right type and in range. Claims that the
/// protocol does not know are ignored.
#[derive(Debug, Clone)]
pub struct Claims {
    /// `exp`: the token works before this time, in seconds since the Unix
    /// epoch.
    pub exp: f64,
    /// `nbf`: it works from this time on.
    pub nbf: Option<f64>,
    /// `iat`: when it was issued.
    pub iat: Option<f64>,
    /// `aud`: whom it is for; a single string is a list of one.
    pub aud: Option<Vec<String>>,
    /// `iss`: who issued it.
    pub iss: Option<String>,
    /// `scope`: what it may be used for.
    pub scope: Scope,
    /// `uid`: who presents it.
    pub uid: Option<String>,
    /// `umd`: the issuer's metadata about them, verbatim.
    pub umd: Option<Box<RawValue>>,
    /// `jti`: the token's id. Not empty if `single_use`.
    pub jti: Option<String>,
    /// `singleUse`: it works once.
    pub single_use: bool,
    /// `keepAlive`: the hub sends `hotsock.keepAlive` frames.
    pub keep_alive: bool,
    /// `heartbeatTimeout`: the client sends a heartbeat at least this often,
    /// in seconds.
    pub heartbeat_timeout: Option<u64>,
    /// `connectionId`: the one connection that it may be used on.
    pub connection_id: Option<String>,
    /// `channels`: which channels it opens, and how.
    pub channels: ChannelGrants,
    /// The name of the key that verified it; empty if it was not verified.
    pub key: String,
}

/// What a token may be used for. Unknown words of the claim are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// `connect`: it opens a connection.
    pub connect: bool,
    /// `subscribe`: it adds channels to a connection.
    pub subscribe: bool,
}

/// The audience and issuer that a hub requires, and puts into its own tokens. A
/// claim that is not configured here is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// `aud` must be this, or contain it.
    pub audience: Option<String>,
    /// `iss` must be this.
    pub issuer: Option<String>,
}

impl Claims {
    /// Reads the payload of a token whose signature is valid.
    ///
    /// # Errors
    /// The payload is not a JSON object, contains a claim twice, or the first claim
    /// that breaks its rule. A `null` has the wrong type for every claim but `umd`.
    pub fn parse(payload: &[u8]) -> Result<Self, TokenError> {
        let text = std::str::from_utf8(payload).ok();
        let object = text
            .and_then(|text| Object::parse(String::new(), text))
            .ok_or(TokenError::Malformed(
                "payload is not a JSON object without duplicate claims",
            ))?;
        let required = |claim| object.invalid(claim, "is required");
        let claims = Self {
            exp: object.date("exp")?.ok_or_else(|| required("exp"))?,
            nbf: object.date("nbf")?,
            iat: object.date("iat")?,
            aud: object.read(
                "aud",
                "must be a string or an array of strings",
                one_or_many,
            )?,
            iss: object.string("iss")?,
            scope: object
                .string("scope")?
                .map(|words| Scope::parse(&words))
                .ok_or_else(|| required("scope"))?,
            uid: object.read(
                "uid",
                &format!("must be a string of at most {MAX_UID_CHARS} characters"),
                |text| json::<String>(text).filter(|uid| uid.chars().nth(MAX_UID_CHARS).is_none()),
            )?,
            umd: object.read(
                "umd",
                &format!("must have at most {MAX_UMD_BYTES} bytes as JSON"),
                |text| {
                    (text.len() <= MAX_UMD_BYTES)
                        .then(|| RawValue::from_string(text.into()).ok())?
                },
            )?,
            jti: object.string("jti")?,
            single_use: object.boolean("singleUse")?.unwrap_or(false),
            keep_alive: object.boolean("keepAlive")?.unwrap_or(false),
            heartbeat_timeout: object.read(
                "heartbeatTimeout",
                "must be a whole number of seconds from 5 to 600",
                |text| json::<u64>(text).filter(|seconds| (5..=600).contains(seconds)),
            )?,
            connection_id: object.string("connectionId")?,
            channels: object
                .raw("channels")
                .map(ChannelGrants::parse)
                .transpose()?
                .unwrap_or_default(),
            key: String::new(),
        };
        if claims.single_use && claims.jti.as_deref().is_none_or(str::is_empty) {
            return Err(object.invalid("jti", "is required if `singleUse` is true"));
        }
        Ok(claims)
    }

    /// Checks that the token is valid at `now`, in seconds since the Unix epoch, for
    /// the expected audience and issuer. A single use is not consumed.
    ///
    /// # Errors
    /// The first of `exp`, `nbf`, `aud` and `iss` that is violated.
    pub fn check(&self, now: f64, expected: &Expected) -> Result<(), TokenError> {
        if now >= self.exp + LEEWAY_SECONDS {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|nbf| now < nbf - LEEWAY_SECONDS) {
            return Err(TokenError::NotYetValid);
        }
        if let Some(audience) = &expected.audience
            && !self.aud.iter().flatten().any(|aud| aud == audience)
        {
            return Err(TokenError::WrongAudience);
        }
        if expected.issuer.is_some() && expected.issuer != self.iss {
            return Err(TokenError::WrongIssuer);
        }
        Ok(())
    }

    /// The id of a token for a single use. A `jti` is only unique for one issuer, which
    /// is known by its key.
    pub fn single_use_id(&self) -> Option<String> {
        let jti = self.jti.as_deref().filter(|_| self.single_use)?;
        let id = serde_json::to_string(&(&self.key, &self.iss, jti));
        Some(id.expect("strings are JSON"))
    }

    /// When the token's single use may be forgotten: from then on the token is
    /// refused as expired.
    pub fn expired_from(&self) -> SystemTime {
        let seconds = (self.exp + LEEWAY_SECONDS).clamp(0.0, LAST_SECOND);
        UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }
}

impl Scope {
    fn parse(words: &str) -> Self {
        let has = |wanted| words.split(' ').any(|word| word == wanted);
        Self {
            connect: has("connect"),
            subscribe: has("subscribe"),
        }
    }
}

fn one_or_many(text: &str) -> Option<Vec<String>> {
    json(text)
        .map(|one: String| vec![one])
        .or_else(|| json(text))
}

#[cfg(test)]
mod tests;
