//! A value that was pushed, and why a body is refused.

use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::{LAST_SECOND, MAX_LABEL_CHARS};
use serde_json::Value;

use crate::http::error::ApiError;

/// The most characters of a text.
const MAX_TEXT_CHARS: usize = 1_000;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The line that it is on, from 1.
    pub(super) line: usize,
    /// The keys that it may have in a layout, the most common one first.
    pub(super) keys: Vec<String>,
    pub(super) value: Value,
    /// When it was measured, in seconds since the Unix epoch; now, if it does not say.
    pub(super) at: Option<f64>,
}

/// The rule that a body breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParseError {
    line: Option<usize>,
    rule: String,
}

impl ParseError {
    pub(super) fn new(line: usize, rule: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            rule: rule.into(),
        }
    }

    /// It is about no particular line.
    pub(super) fn of_body(rule: impl Into<String>) -> Self {
        Self {
            line: None,
            rule: rule.into(),
        }
    }
}

impl From<ParseError> for ApiError {
    fn from(ParseError { line, rule }: ParseError) -> Self {
        let message = match line {
            Some(line) => format!("line {line}: {rule}"),
            None => rule,
        };
        Self::bad_request(ErrorDetail::new("INVALID_BODY", message))
    }
}

/// A number that panels can show: not NaN or infinity.
pub(super) fn number(text: &str) -> Option<Result<Value, String>> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(Ok(integer.into()));
    }
    let number = text.parse::<f64>().ok()?;
    let finite = serde_json::Number::from_f64(number).map(Value::from);
    Some(finite.ok_or_else(|| format!("`{}` is not a finite number", cut(text))))
}

/// A time in seconds, milliseconds, microseconds or nanoseconds since the Unix epoch, by
/// its size.
pub(super) fn time(number: f64) -> Option<f64> {
    let seconds = match number {
        ..1e11 => number,
        ..1e14 => number / 1e3,
        ..1e17 => number / 1e6,
        _ => number / 1e9,
    };
    (0.0..=LAST_SECOND).contains(&seconds).then_some(seconds)
}

/// The rule that a key breaks.
pub(super) fn key_rule(key: &str) -> Option<String> {
    let is_valid = !key.is_empty() && key.chars().nth(MAX_LABEL_CHARS).is_none();
    (!is_valid).then(|| format!("a key must have 1 to {MAX_LABEL_CHARS} characters"))
}

/// The rule that a text breaks.
pub(super) fn text_rule(text: &str) -> Option<String> {
    let is_long = text.chars().nth(MAX_TEXT_CHARS).is_some();
    is_long.then(|| format!("a text must have at most {MAX_TEXT_CHARS} characters"))
}

/// Somebody else's text, to be shown in an error.
pub(super) fn cut(text: &str) -> &str {
    live_dashboard_protocol::name::cut(text, 40)
}
