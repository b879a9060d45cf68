//! A JSON object with values by key, and optionally their `timestamp`.

use serde_json::{Map, Value};

use super::entry::{Entry, ParseError, time};

/// Reads an object.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, ParseError> {
    let mut values: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        let rule = format!("must be a JSON object such as {{\"queue\": 12}}: {error}");
        ParseError::new(error.line().max(1), rule)
    })?;
    let at = match values.remove("timestamp") {
        None | Some(Value::Null) => None,
        Some(given) => {
            let rule = "`timestamp` must be a number of seconds or milliseconds since 1970";
            let at = given.as_f64().and_then(time);
            Some(at.ok_or_else(|| ParseError::of_body(rule))?)
        }
    };
    let values = values.into_iter().filter(|(_, value)| !value.is_null());
    let entries = values.map(|(key, value)| Entry {
        line: 1,
        keys: vec![key],
        value,
        at,
    });
    Ok(entries.collect())
}
