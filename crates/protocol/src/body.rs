//! Bodies of requests, checked field by field, so that an error can name the
//! field and its rule.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::ErrorDetail;
use crate::name::NameError;

/// A body that is not what its endpoint takes.
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
        /// The rule, to be read after the name.
        rule: String,
    },
}

impl From<BodyError> for ErrorDetail {
    fn from(error: BodyError) -> Self {
        let message = error.to_string();
        match error {
            BodyError::NotAnObject(_) => Self::new("INVALID_BODY", message),
            BodyError::Field { field, .. } => Self {
                field: Some(field.to_owned()),
                ..Self::new("INVALID_FIELD", message)
            },
        }
    }
}

/// Reads an object whose fields stay as they came.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BodyError> {
    let text =
        std::str::from_utf8(body).map_err(|error| BodyError::NotAnObject(error.to_string()))?;
    let fields =
        serde_json::from_str(text).map_err(|error| BodyError::NotAnObject(error.to_string()))?;
    // serde would take an array of the fields for the object.
    if !text.trim_start().starts_with('{') {
        return Err(BodyError::NotAnObject("it is an array".into()));
    }
    Ok(fields)
}

pub(crate) fn broken(field: &'static str, rule: impl Into<String>) -> BodyError {
    BodyError::Field {
        field,
        rule: rule.into(),
    }
}

/// Types that a field may be asked for, with the word that an error uses.
pub(crate) trait FieldType: for<'de> Deserialize<'de> {
    const RULE: &'static str;
}

impl FieldType for String {
    const RULE: &'static str = "must be a string";
}

impl FieldType for bool {
    const RULE: &'static str = "must be true or false";
}

/// A field that may be absent.
pub(crate) fn field<T: FieldType>(
    name: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<T>, BodyError> {
    raw.map(|raw| serde_json::from_str(raw.get()).map_err(|_| broken(name, T::RULE)))
        .transpose()
}

/// A required field that names something.
pub(crate) fn name<T>(
    name: &'static str,
    raw: Option<&RawValue>,
    check: impl Fn(&str) -> Result<T, NameError>,
) -> Result<T, BodyError> {
    let text: String = field(name, raw)?.ok_or_else(|| broken(name, "is required"))?;
    check(&text).map_err(|error| broken(name, error.to_string()))
}
