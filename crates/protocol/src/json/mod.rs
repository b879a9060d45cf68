//! A JSON value of any shape.

mod text;

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
    /// Parses a text; `None` if it is not JSON, has more than 127 arrays and objects within
    /// each other, or a number beyond the range of `f64`.
    pub fn parse(text: &str) -> Option<Self> {
        text::parse(text)
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
    text::quoted(text)
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
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "1e999",
            "nul",
            "{\"a\"}",
            "1 2",
            "\u{0}",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "+1",
            "\"\t\"",
            r#""\x""#,
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\u0041""#,
        ] {
            assert_eq!(Json::parse(text), None, "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Json::parse(&deep), None, "and the stack does not overflow");
    }
    #[test]
    fn values_are_those_of_serde_json() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        let texts = [
            r#" { "a" : [ 1 , "\"\\\/\b\f\n\r\t\u00FC\ud83d\ude00ü" , { } , [ ] ] } "#,
            "[0, -0, 1.5e3, 25E-1, 1e+2, 0.1, 3.14, 1709901234.567, 0e999, 1e-400, 5e-324, 123e-320]",
            "[12345678901234567890123, 0.12345678901234567890123, 9007199254740993, 1e22]",
            "[99999999999999999999e-10, 4.35, 0.000001, 123456.789e-2]",
            &nested(127),
            &nested(128),
        ];
        for text in texts {
            let expected = serde_json::from_str(text).ok();
            assert_eq!(Json::parse(text), expected.map(json), "{text}");
        }
    }

    fn json(value: serde_json::Value) -> Json {
        use serde_json::Value;
        match value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(flag),
            Value::Number(number) => Json::Number(number.as_f64().expect("a number")),
            Value::String(text) => Json::Text(text),
            Value::Array(items) => Json::Array(items.into_iter().map(json).collect()),
            Value::Object(entries) => {
                let entry = |(key, value)| (Json::Text(key), json(value));
                Json::Object(entries.into_iter().map(entry).collect())
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn quoted_texts_are_read_back(text in "(\\PC|[\0-\x7f])*") {
            let quoted = quoted(&text);
            proptest::prop_assert_eq!(serde_json::from_str(&quoted).ok(), Some(text.clone()));
            proptest::prop_assert_eq!(Json::parse(&quoted), Some(Json::Text(text)));
        }

        #[test]
        fn numbers_are_read_as_written(number in proptest::num::f64::NORMAL) {
            let read = Json::parse(&format!("{number:e}")).and_then(|json| json.number());
            let error = (read.expect("a number") / number - 1.0).abs();
            proptest::prop_assert!(error < 1e-14, "{} {:?}", number, read);
        }
    }
}
