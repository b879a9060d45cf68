//! A JSON value of any shape.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A JSON value. Looking into one never fails: what is not there is
/// [`Json::Null`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Json {
    /// `null`, or nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object. Its keys are texts; stored as values they need no reader of
    /// their own.
    Object(Vec<(Json, Json)>),
}

impl Json {
    /// Parses a text; `None` if it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// An object's field; the last one if the name occurs more than once.
    pub fn get(&self, key: &str) -> &Json {
        self.entries()
            .rev()
            .find_map(|(name, value)| (name == key).then_some(value))
            .unwrap_or(&Json::Null)
    }

    /// Takes a field out of an object.
    pub fn take(self, key: &str) -> Json {
        let Self::Object(entries) = self else {
            return Json::Null;
        };
        let field = entries
            .into_iter()
            .rfind(|(name, _)| name.text() == Some(key));
        field.map(|(_, value)| value).unwrap_or_default()
    }

    /// An object's fields in order; empty for other values.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&str, &Json)> {
        let entries = match self {
            Self::Object(entries) => entries.as_slice(),
            _ => &[],
        };
        entries
            .iter()
            .filter_map(|(name, value)| Some((name.text()?, value)))
    }

    /// An array's items; empty for other values.
    pub fn items(&self) -> &[Json] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The text; `None` for other values.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text as an owned string; `None` for other values.
    pub fn string(&self) -> Option<String> {
        self.text().map(Into::into)
    }

    /// The text that may be absent; `None` if there is something else.
    pub fn optional_string(&self) -> Option<Option<String>> {
        match self {
            Self::Null => Some(None),
            value => value.string().map(Some),
        }
    }

    /// A text as it is, a boolean as `true` or `false`; empty for other values.
    pub fn word(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            _ => String::new(),
        }
    }

    /// The number; `None` for other values.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// A text as a JSON string, with its quotes.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
                Ok(Json::Number(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json::Number(number as f64))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Number(number as f64))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Json::Object(entries))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_types_are_read() {
        let value = Json::parse(
            r#"{"a":[1,-2,2.5,"\u00fc",null,true],"b":{"c":"d"},"a\"":18446744073709551615}"#,
        )
        .expect("JSON");
        let expected = [
            Json::Number(1.0),
            Json::Number(-2.0),
            Json::Number(2.5),
            Json::Text("ü".into()),
            Json::Null,
            Json::Bool(true),
        ];
        assert_eq!(value.get("a").items(), expected);
        assert_eq!(value.get("b").get("c").text(), Some("d"));
        assert_eq!(
            value.get("a\"").number(),
            Some(18_446_744_073_709_551_615.0)
        );
        assert_eq!(value.get("x"), &Json::Null);
        assert_eq!(value.get("b").get("c").get("d"), &Json::Null);
    }

    #[test]
    fn the_last_of_several_fields_with_one_name_counts() {
        let value = Json::parse(r#"{"a":1,"a":2}"#).expect("JSON");
        assert_eq!(value.get("a").number(), Some(2.0));
        assert_eq!(value.take("a"), Json::Number(2.0));
    }

    #[test]
    fn invalid_json_is_none() {
        for text in ["", "{", "[1,]", "1e999", "nul", "{\"a\"}", "1 2", "\u{0}"] {
            assert_eq!(Json::parse(text), None, "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Json::parse(&deep), None, "and the stack does not overflow");
    }
}
