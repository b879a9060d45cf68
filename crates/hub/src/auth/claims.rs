//! What a token says, read strictly from its payload.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;

use super::channels::ChannelGrants;
use super::error::TokenError;
use super::object::{Object, json};

/// How far, in seconds, the clocks of issuer and hub may be apart for `exp`
/// and `nbf`.
pub const LEEWAY_SECONDS: f64 = 5.0;
/// The most characters that a `uid` may have.
pub const MAX_UID_CHARS: usize = 128;
/// The most bytes that a `umd` may have, as it is written in the token.
pub const MAX_UMD_BYTES: usize = 1024;
/// The end of the year 9999: no clock that matters goes further.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// The claims of a token, each of its type and within its range. Claims that
/// the protocol does not know are left out.
#[derive(Debug, Clone)]
pub struct Claims {
    /// `exp`: the token works before this time, in seconds since the Unix
    /// epoch.
    pub exp: f64,
    /// `nbf`: it works from this time on.
    pub nbf: Option<f64>,
    /// `iat`: when it was issued.
    pub iat: Option<f64>,
    /// `aud`: for whom it is; a claim of one string is a list of one.
    pub aud: Option<Vec<String>>,
    /// `iss`: who issued it.
    pub iss: Option<String>,
    /// `scope`: what it is for.
    pub scope: Scope,
    /// `uid`: who presents it.
    pub uid: Option<String>,
    /// `umd`: what else the issuer says about them, as it was written.
    pub umd: Option<Box<RawValue>>,
    /// `jti`: the token's own name. Not empty where `single_use` holds.
    pub jti: Option<String>,
    /// `singleUse`: it works once.
    pub single_use: bool,
    /// `keepAlive`: the hub sends something on an idle connection.
    pub keep_alive: bool,
    /// `heartbeatTimeout`: the client sends a heartbeat at least this often,
    /// in seconds.
    pub heartbeat_timeout: Option<u64>,
    /// `connectionId`: the one connection that it may be used on.
    pub connection_id: Option<String>,
    /// `channels`: which channels it opens, and how.
    pub channels: ChannelGrants,
}

/// What a token is for. Words of the claim that the hub does not know are
/// ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// `connect`: it opens a connection.
    pub connect: bool,
    /// `subscribe`: it adds channels to a connection.
    pub subscribe: bool,
}

/// Whom a hub takes tokens for, and from whom; also what the hub's own tokens
/// say. A claim that is not configured here is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// `aud` must be this, or have it in its list.
    pub audience: Option<String>,
    /// `iss` must be this.
    pub issuer: Option<String>,
}

impl Claims {
    /// Reads the payload of a token whose signature is good.
    ///
    /// # Errors
    /// The payload is not a JSON object, has a claim twice, or the first claim
    /// that breaks its rule. A `null` is of the wrong type for every claim but
    /// `umd`.
    pub fn parse(payload: &[u8]) -> Result<Self, TokenError> {
        let text = std::str::from_utf8(payload)
            .map_err(|_| TokenError::Malformed("payload is not UTF-8"))?;
        let object = Object::payload(text)?;
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
                "must be a string of at most 128 characters",
                |text| json::<String>(text).filter(|uid| uid.chars().nth(MAX_UID_CHARS).is_none()),
            )?,
            umd: object.raw("umd").map(RawValue::to_owned),
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
        };
        if claims
            .umd
            .as_ref()
            .is_some_and(|umd| umd.get().len() > MAX_UMD_BYTES)
        {
            return Err(object.invalid("umd", "must have at most 1024 bytes as JSON"));
        }
        if claims.single_use && claims.jti.as_deref().is_none_or(str::is_empty) {
            return Err(object.invalid("jti", "is required where `singleUse` is true"));
        }
        Ok(claims)
    }

    /// Whether the token works at `now`, in seconds since the Unix epoch, at a
    /// hub that expects this. It does so without using the token up: one that
    /// comes too early keeps its single use.
    ///
    /// # Errors
    /// The first of `exp`, `nbf`, `aud` and `iss` that stands against it.
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

    /// The name to remember the token by where it works only once.
    pub fn single_use_id(&self) -> Option<&str> {
        self.jti.as_deref().filter(|_| self.single_use)
    }

    /// From this time on the token is refused as expired: until then its
    /// single use must be remembered.
    pub fn useless_after(&self) -> SystemTime {
        let seconds = (self.exp + LEEWAY_SECONDS).clamp(0.0, LAST_SECOND);
        UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }
}

impl Scope {
    /// A token for opening connections.
    pub const CONNECT: Self = Self {
        connect: true,
        subscribe: false,
    };
    /// A token for adding channels to a connection.
    pub const SUBSCRIBE: Self = Self {
        connect: false,
        subscribe: true,
    };

    fn parse(words: &str) -> Self {
        let has = |wanted| words.split(' ').any(|word| word == wanted);
        Self {
            connect: has("connect"),
            subscribe: has("subscribe"),
        }
    }
}

/// The claim as it is written.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.connect, self.subscribe) {
            (true, true) => "connect subscribe",
            (true, false) => "connect",
            (false, true) => "subscribe",
            (false, false) => "",
        })
    }
}

fn one_or_many(text: &str) -> Option<Vec<String>> {
    json(text)
        .map(|one: String| vec![one])
        .or_else(|| json(text))
}

#[cfg(test)]
mod tests;
