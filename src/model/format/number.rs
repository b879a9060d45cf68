//! Numbers with their units.

use std::fmt;

use live_dashboard_protocol::layout::Format;

/// The sign of numbers below zero: a minus, not a hyphen.
const MINUS: char = '\u{2212}';

/// From here on a count is written in words: 1.28 billion.
const WORDS_FROM: f64 = 1e9;

/// From here on a number is written as a power of ten.
const POWERS_FROM: f64 = 1e15;

/// A number as text, and its unit apart from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The number: digits, separators and sign.
    pub value: String,
    /// The unit, where there is one.
    pub unit: Option<&'static str>,
}

impl fmt::Display for Formatted {
    /// The value and its unit in one line that does not break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)?;
        match self.unit {
            Some("%") => f.write_str("%"),
            Some(unit) => write!(f, "\u{a0}{unit}"),
            None => Ok(()),
        }
    }
}

/// A metric's value: 1,284 · 4,521 · 2.0% · 45 ms · 1.5 GiB. What is no number
/// is a dash.
pub fn value(format: Format, number: f64) -> Formatted {
    let scale = Scale::of(format, number);
    Formatted {
        value: scale.write(number),
        unit: scale.unit,
    }
}

/// The change from one value to another, with its sign: +12 · −0.4 pp, where
/// "pp" are percentage points. It is the difference of the values as they are
/// shown, so that the arithmetic on the screen adds up.
pub fn delta(format: Format, from: f64, to: f64) -> Formatted {
    let (from_scale, to_scale) = (Scale::of(format, from), Scale::of(format, to));
    let change = if (from_scale.unit, from_scale.decimals) == (to_scale.unit, to_scale.decimals) {
        to_scale.round(to) - from_scale.round(from)
    } else {
        to - from
    };
    let mut formatted = value(format, change);
    if format == Format::Percent {
        formatted.unit = Some("pp");
    }
    if change > 0.0 {
        formatted.value.insert(0, '+');
    }
    formatted
}

/// A number with exactly so many decimals, at most 9, as on a scale: 1,500 or
/// 0.25. From a billion on it is written as a value.
pub fn fixed(number: f64, decimals: u32) -> Formatted {
    if number.abs() >= WORDS_FROM {
        return value(Format::Decimal, number);
    }
    Formatted {
        value: Scale::plain(1.0, decimals, None).write(number),
        unit: None,
    }
}

/// A number with exactly so many decimals, at most 9, without separators or
/// unit, with a hyphen for a minus: for machines, not for people.
pub fn plain(number: f64, decimals: u32) -> String {
    let (whole, rest) = split(number, decimals);
    let sign = if number < 0.0 && (whole, rest) != (0, 0) {
        "-"
    } else {
        ""
    };
    let mut text = format!("{sign}{whole}");
    push_fraction(&mut text, rest, decimals);
    text
}

/// How a number of some size is written.
struct Scale {
    /// The number of units is the value divided by this.
    divisor: f64,
    /// How many digits follow the point.
    decimals: u32,
    /// Whether zeros at the end of those are left away.
    trimmed: bool,
    unit: Option<&'static str>,
}

impl Scale {
    fn plain(divisor: f64, decimals: u32, unit: Option<&'static str>) -> Self {
        Self {
            divisor,
            decimals,
            trimmed: false,
            unit,
        }
    }

    fn of(format: Format, number: f64) -> Self {
        let plain = Self::plain;
        let size = number.abs();
        match format {
            Format::Integer | Format::Decimal if (WORDS_FROM..POWERS_FROM).contains(&size) => {
                // One step ahead of the rounding, so that 999.999 billion is 1 trillion.
                if size < 999.995e9 {
                    plain(1e9, 2, Some("billion"))
                } else {
                    plain(1e12, 2, Some("trillion"))
                }
            }
            Format::Integer => plain(1.0, 0, None),
            Format::Decimal => Self {
                trimmed: true,
                ..plain(1.0, 2, None)
            },
            Format::Percent => plain(0.01, 1, Some("%")),
            Format::Milliseconds if size < 9.95 => Self {
                trimmed: true,
                ..plain(1.0, 1, Some("ms"))
            },
            Format::Milliseconds if size < 9999.5 => plain(1.0, 0, Some("ms")),
            Format::Milliseconds => plain(1000.0, 1, Some("s")),
            Format::Bytes => {
                let mut divisor = 1.0;
                let mut units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].into_iter();
                let mut unit = units.next();
                for larger in units {
                    let shown_whole = if divisor == 1.0 { 1023.5 } else { 1023.95 };
                    if size < shown_whole * divisor {
                        break;
                    }
                    divisor *= 1024.0;
                    unit = Some(larger);
                }
                plain(divisor, u32::from(divisor > 1.0), unit)
            }
        }
    }

    /// The number as its text says it, in the metric's own unit.
    fn round(&self, number: f64) -> f64 {
        let factor = f64::from(10_u32.pow(self.decimals));
        (number / self.divisor * factor).round() / factor * self.divisor
    }

    fn write(&self, number: f64) -> String {
        let scaled = number / self.divisor;
        if !scaled.is_finite() {
            return "–".to_owned();
        }
        let mut text = String::new();
        if scaled.abs() >= POWERS_FROM {
            push_power_of_ten(&mut text, scaled);
            return text;
        }
        let (whole, rest) = split(scaled, self.decimals);
        if number < 0.0 && (whole, rest) != (0, 0) {
            text.push(MINUS);
        }
        push_grouped(&mut text, whole);
        push_fraction(&mut text, rest, self.decimals);
        if self.trimmed && self.decimals > 0 {
            text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        }
        text
    }
}

/// The digits before and after the point, rounded.
fn split(number: f64, decimals: u32) -> (u64, u64) {
    let factor = 10_u64.pow(decimals);
    let digits = (number.abs() * factor as f64).round() as u64;
    (digits / factor, digits % factor)
}

fn push_grouped(text: &mut String, whole: u64) {
    let digits = whole.to_string();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
}

fn push_fraction(text: &mut String, rest: u64, decimals: u32) {
    if decimals > 0 {
        let digits = rest.to_string();
        text.push('.');
        for _ in digits.len()..decimals as usize {
            text.push('0');
        }
        text.push_str(&digits);
    }
}

/// 1.28×10¹⁵.
fn push_power_of_ten(text: &mut String, number: f64) {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let mut exponent = 0_usize;
    let mut mantissa = number.abs();
    while mantissa >= 9.995 {
        mantissa /= 10.0;
        exponent += 1;
    }
    if number < 0.0 {
        text.push(MINUS);
    }
    let (whole, rest) = split(mantissa, 2);
    push_grouped(text, whole);
    push_fraction(text, rest, 2);
    text.push_str("×10");
    for digit in exponent.to_string().bytes() {
        text.push(SUPERSCRIPTS[usize::from(digit - b'0')]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_read_them() {
        use Format::{Bytes, Decimal, Integer, Milliseconds, Percent};
        let gib = 1024.0 * 1024.0 * 1024.0;
        for (format, number, expected) in [
            (Integer, 0.0, "0"),
            (Integer, -0.0, "0"),
            (Integer, -0.4, "0"),
            (Integer, 999.6, "1,000"),
            (Integer, 1284.0, "1,284"),
            (Integer, 4521.0, "4,521"),
            (Integer, -4521.0, "−4,521"),
            (Integer, 999_999_999.0, "999,999,999"),
            (Integer, 1_284_000_000.0, "1.28 billion"),
            (Integer, 999_994_000_000.0, "999.99 billion"),
            (Integer, 999_999_000_000.0, "1.00 trillion"),
            (Integer, 1.284e15, "1.28×10¹⁵"),
            (Integer, -9.999e20, "−1.00×10²¹"),
            (Integer, f64::MAX, "1.80×10³⁰⁸"),
            (Integer, f64::NAN, "–"),
            (Integer, f64::INFINITY, "–"),
            (Decimal, 3.25, "3.25"),
            (Decimal, 3.2, "3.2"),
            (Decimal, 3.0, "3"),
            (Decimal, 10.0, "10"),
            (Decimal, 0.001, "0"),
            (Decimal, -1234.567, "−1,234.57"),
            (Percent, 0.02, "2.0%"),
            (Percent, 0.0195, "2.0%"),
            (Percent, 0.0, "0.0%"),
            (Percent, -0.0001, "0.0%"),
            (Percent, 1.0, "100.0%"),
            (Percent, 12.5, "1,250.0%"),
            (Percent, f64::MAX, "–%"),
            (Milliseconds, 45.0, "45 ms"),
            (Milliseconds, 45.4, "45 ms"),
            (Milliseconds, 4.56, "4.6 ms"),
            (Milliseconds, 4.0, "4 ms"),
            (Milliseconds, 9.96, "10 ms"),
            (Milliseconds, 1234.0, "1,234 ms"),
            (Milliseconds, 9999.6, "10.0 s"),
            (Milliseconds, 75_250.0, "75.3 s"),
            (Bytes, 0.0, "0 B"),
            (Bytes, 512.0, "512 B"),
            (Bytes, 1023.6, "1.0 KiB"),
            (Bytes, 1536.0, "1.5 KiB"),
            (Bytes, 1024.0 * 1023.96, "1.0 MiB"),
            (Bytes, 1.5 * gib, "1.5 GiB"),
            (Bytes, -1.5 * gib, "−1.5 GiB"),
            (Bytes, 2048.0 * gib * gib, "2,048.0 EiB"),
        ] {
            let text = value(format, number).to_string().replace('\u{a0}', " ");
            assert_eq!(text, expected, "{format:?} {number}");
        }
    }

    #[test]
    fn the_unit_stands_apart() {
        let latency = value(Format::Milliseconds, 45.0);
        assert_eq!((latency.value.as_str(), latency.unit), ("45", Some("ms")));
        assert_eq!(value(Format::Integer, 45.0).unit, None);
    }

    #[test]
    fn changes_carry_their_sign_and_add_up() {
        use Format::{Bytes, Integer, Milliseconds, Percent};
        for (format, from, to, expected) in [
            (Integer, 1272.0, 1284.0, "+12"),
            (Integer, 1284.0, 1272.0, "−12"),
            (Integer, 1284.4, 1285.6, "+2"),
            (Integer, 5.0, 5.0, "0"),
            (Integer, 0.0, 2e9, "+2.00 billion"),
            (Percent, 0.024, 0.02, "−0.4 pp"),
            (Percent, 0.02, 0.024, "+0.4 pp"),
            (Milliseconds, 45.0, 41.0, "−4 ms"),
            (Milliseconds, 45.4, 45.6, "+1 ms"),
            (Milliseconds, 9.6, 10.2, "+0.6 ms"),
            (Bytes, 1024.0, 2560.0, "+1.5 KiB"),
        ] {
            let text = delta(format, from, to).to_string().replace('\u{a0}', " ");
            assert_eq!(text, expected, "{format:?} {from} → {to}");
        }
    }

    #[test]
    fn a_scale_has_equal_decimals() {
        assert_eq!(fixed(0.0, 2).to_string(), "0.00");
        assert_eq!(fixed(1500.0, 0).to_string(), "1,500");
        assert_eq!(fixed(-0.5, 1).to_string(), "−0.5");
        assert_eq!(fixed(2e9, 0).to_string(), "2.00\u{a0}billion");
    }

    #[test]
    fn machines_get_plain_digits() {
        assert_eq!(plain(1_709_901_234.0, 0), "1709901234");
        assert_eq!(plain(99.996, 2), "100.00");
        assert_eq!(plain(0.05, 2), "0.05");
        assert_eq!(plain(-1.5, 1), "-1.5");
        assert_eq!(plain(-0.01, 1), "0.0");
    }

    proptest::proptest! {
        #[test]
        fn no_number_panics(bits: u64, other: u64) {
            let (number, other) = (f64::from_bits(bits), f64::from_bits(other));
            for format in [
                Format::Integer,
                Format::Decimal,
                Format::Percent,
                Format::Milliseconds,
                Format::Bytes,
            ] {
                proptest::prop_assert!(!value(format, number).value.is_empty());
                proptest::prop_assert!(!delta(format, number, other).value.is_empty());
            }
        }
    }
}
