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

pub use locale::{English, Locale, Parts, Times};
pub use number::{Formatted, axis_unit, looks_same, plain};
pub use symbols::Symbols;
pub use time::{Unit, rfc3339};
