//! Request bodies, read field by field, so that an error names the field and
//! its rule.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::ErrorDetail;
use crate::name::{NameError, cut};

/// Why a request's body is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body is not a JSON object.
    #[error("the body must be a JSON object: {0}")]
    NotAnObject(String),
    /// A field breaks its rule.
    #[error("`{field}` {rule}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// The rule, worded to follow the name.
        rule: String,
    },
}

impl From<BodyError> for ErrorDetail {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::NotAnObject(_) => Self::new("INVALID_BODY", error.to_string()),
            BodyError::Field { field, rule } => Self::invalid_field(field, rule),
        }
    }
}

/// A JSON object's entries in their order; the values are still the text that was
/// sent. Fails for an object that contains a key twice.
pub struct Entries<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

/// How many unknown fields are told: a body may be full of them.
const MAX_UNKNOWN: usize = 5;
/// How much is told of why a body is not an object: the reason may repeat a text.
const MAX_REASON_CHARS: usize = 150;
/// How much of a field's name is told.
const MAX_FIELD_CHARS: usize = 64;

/// A request's body. Unknown fields are ignored, and a field of `null` counts as
/// absent.
pub(crate) struct Body<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Body<'a> {
    /// Reads a body's bytes.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, BodyError> {
        let reason = |error: &dyn fmt::Display| {
            let reason = error.to_string();
            BodyError::NotAnObject(cut(&reason, MAX_REASON_CHARS).to_owned())
        };
        // Once for the whole body, not for each text in it.
        let text = std::str::from_utf8(body).map_err(|error| reason(&error))?;
        let Entries(fields) = serde_json::from_str(text).map_err(|error| reason(&error))?;
        Ok(Self(fields))
    }

    /// The names of the first fields that are not among these, cut to a readable length.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<String> {
        let names = self.0.iter().map(|(name, _)| &**name);
        names
            .filter(|name| !known.contains(name))
            .take(MAX_UNKNOWN)
            .map(|name| cut(name, MAX_FIELD_CHARS).to_owned())
            .collect()
    }

    /// A field's JSON text.
    pub(crate) fn raw(&self, field: &str) -> Option<&'a RawValue> {
        let known = self.0.iter().find(|(name, _)| name == field);
        known.map(|(_, raw)| *raw).filter(|raw| raw.get() != "null")
    }

    /// A field of type `T`.
    pub(crate) fn get<T: FieldType<'a>>(
        &self,
        field: &'static str,
    ) -> Result<Option<T>, BodyError> {
        let read = |raw: &'a RawValue| serde_json::from_str(raw.get());
        self.raw(field)
            .map(|raw| read(raw).map_err(|_| broken(field, T::RULE)))
            .transpose()
    }

    /// A field that is a name.
    pub(crate) fn name<T>(
        &self,
        field: &'static str,
        new: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<Option<T>, BodyError> {
        self.get::<Text<'_>>(field)?
            .map(|Text(name)| new(&name).map_err(|error| broken(field, error.to_string())))
            .transpose()
    }
}

/// The error for a field that breaks a rule.
pub(crate) fn broken(field: &'static str, rule: impl Into<String>) -> BodyError {
    BodyError::Field {
        field,
        rule: rule.into(),
    }
}

/// The error for a required field that is absent.
pub(crate) fn missing(field: &'static str) -> BodyError {
    broken(field, "is required")
}

/// A type that a field may have, and the rule for an error.
pub(crate) trait FieldType<'a>: Deserialize<'a> {
    const RULE: &'static str;
}

/// A text, copied only if it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> FieldType<'a> for Text<'a> {
    const RULE: &'static str = <String as FieldType>::RULE;
}

impl FieldType<'_> for String {
    const RULE: &'static str = "must be a string";
}

impl FieldType<'_> for bool {
    const RULE: &'static str = "must be true or false";
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Self::Value = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    entries.push((key, value));
                }
                let mut keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
                keys.sort_unstable();
                match keys.windows(2).find(|pair| pair[0] == pair[1]) {
                    Some(pair) => {
                        let name = cut(pair[0], MAX_FIELD_CHARS);
                        Err(A::Error::custom(format!("`{name}` is given twice")))
                    }
                    None => Ok(entries),
                }
            }
        }

        deserializer.deserialize_map(Reader).map(Self)
    }
}
