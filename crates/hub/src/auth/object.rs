//! A strict reader of JSON objects: no duplicate keys, and each value has the
//! expected type, or the error names the claim.

use std::borrow::Cow;

use live_dashboard_protocol::body::Entries;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::TokenError;

/// The most characters of a key from a token that an error shows.
const SHOWN_CHARS: usize = 64;

/// An object's entries in their order, with unparsed values.
pub(super) struct Object<'a> {
    /// The prefix of its keys in errors: empty, or ends with a dot.
    path: String,
    entries: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// Reads the object at `path`.
    pub(super) fn at(path: &str, raw: &'a RawValue) -> Result<Self, TokenError> {
        Self::parse(format!("{path}."), raw.get())
            .ok_or_else(|| invalid(path, "must be a JSON object without duplicate keys"))
    }

    /// Reads an object; `path` is the prefix of its keys. `None` if it is not an
    /// object, or contains a key twice.
    pub(super) fn parse(path: String, text: &'a str) -> Option<Self> {
        let Entries(entries) = serde_json::from_str(text).ok()?;
        Some(Self { path, entries })
    }

    /// All entries, in their order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.entries.iter().map(|(key, raw)| (&**key, *raw))
    }

    /// A value's JSON text.
    pub(super) fn raw(&self, key: &str) -> Option<&'a RawValue> {
        self.entries()
            .find_map(|(name, raw)| (name == key).then_some(raw))
    }

    /// A value that `read` accepts; `rule` says which those are. A `null` counts
    /// as a value.
    pub(super) fn read<T>(
        &self,
        key: &str,
        rule: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, TokenError> {
        self.raw(key)
            .map(|raw| read(raw.get()).ok_or_else(|| self.invalid(key, rule)))
            .transpose()
    }

    pub(super) fn string(&self, key: &str) -> Result<Option<String>, TokenError> {
        self.read(key, "must be a string", json)
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, TokenError> {
        self.read(key, "must be true or false", json)
    }

    /// A NumericDate (RFC 7519, section 2): seconds since the Unix epoch, possibly
    /// with a fraction.
    pub(super) fn date(&self, key: &str) -> Result<Option<f64>, TokenError> {
        let rule = "must be a time in seconds since the Unix epoch, not negative";
        self.read(key, rule, |text| {
            json::<f64>(text).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        })
    }

    /// The error for the value of `key`.
    pub(super) fn invalid(&self, key: &str, rule: impl Into<String>) -> TokenError {
        invalid(&format!("{}{key}", self.path), rule)
    }
}

/// The error for the claim at `path`.
pub(super) fn invalid(path: &str, rule: impl Into<String>) -> TokenError {
    TokenError::InvalidClaim {
        claim: path.to_owned(),
        rule: rule.into(),
    }
}

/// The path of a key that the token's issuer chose, in the object at `path`:
/// quoted and truncated.
pub(super) fn chosen_key(path: &str, key: &str) -> String {
    match key.char_indices().nth(SHOWN_CHARS) {
        None => format!("{path}[{key:?}]"),
        Some((end, _)) => format!("{path}[{:?}…]", &key[..end]),
    }
}

/// Reads JSON text as `T`.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
