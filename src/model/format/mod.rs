//! Numbers and times as text, in the viewer's language.
//!
//! A number is rounded once, to an integer of its last decimal, without the
//! standard library's float formatting, which would make the page larger. The
//! [`Symbols`] of a language are plain data; words and calendars come from a
//! [`Locale`].

mod locale;
mod number;
mod symbols;
mod time;

use live_dashboard_protocol::json::Json;

pub use locale::{English, Locale, Parts, Times, is_right_to_left};
pub use number::{Formatted, axis_unit, looks_same, plain};
pub use symbols::Symbols;
pub use time::{Unit, rfc3339};

/// A text as it is, a boolean as Yes or No; empty for other values.
pub fn word(value: &Json) -> String {
    match value {
        Json::Bool(true) => "Yes".into(),
        Json::Bool(false) => "No".into(),
        value => value.word(),
    }
}
