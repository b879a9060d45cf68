//! A length of time: a number of seconds, or a text such as "90s".

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

/// The units in seconds; longer names first.
const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

const RULE: &str = "a length of time above zero, such as \"10s\", \"2m\" or \"1h\"";

pub(super) fn serialize<S: Serializer>(seconds: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(*seconds)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    from.deserialize_any(Seconds)
}

/// Reads a length of time such as "10s", "500 ms" or "1.5h", in seconds; `None` if it is
/// none above zero.
pub fn parse(text: &str) -> Option<f64> {
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    let number: f64 = number.trim_end().parse().ok()?;
    valid(number * unit)
}

fn valid(seconds: f64) -> Option<f64> {
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = f64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(RULE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<f64, E> {
        valid(seconds).ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<f64, E> {
        self.visit_f64(seconds as f64)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<f64, E> {
        self.visit_f64(seconds as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations_with_units_are_read() {
        for (text, seconds) in [
            ("10s", 10.0),
            ("2m", 120.0),
            ("1.5h", 5400.0),
            ("500 ms", 0.5),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in ["", "10", "s", "0s", "-1s", "1d", "NaNs", "infs"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
