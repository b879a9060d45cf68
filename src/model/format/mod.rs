//! Numbers and times as people read them, in English.
//!
//! A number is rounded once, as an integer of its last shown decimal; that is
//! exact where it matters and keeps the page small.

mod number;
mod time;

pub use number::{Formatted, delta, fixed, plain, value};
pub use time::{ago, date_time, rfc3339, time_of_day};
