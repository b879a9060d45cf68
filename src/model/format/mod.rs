//! Numbers and times as people read them, in their language.
//!
//! A number is rounded once, as an integer of its last shown decimal; that is
//! exact where it matters and keeps the page small. Its [`Symbols`] are plain
//! data. Words and calendars come from a [`Locale`].

mod locale;
mod number;
mod symbols;
mod time;

pub use locale::{English, Locale, Parts, Times};
pub use number::{Formatted, axis_unit, looks_same, plain};
pub use symbols::Symbols;
pub use time::{Unit, rfc3339};
