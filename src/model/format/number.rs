//! Numbers with their units.

use std::fmt;

use live_dashboard_protocol::layout::{Format, Notation};

use super::Symbols;

/// From here on, counts are written with words: 1.28 billion.
const WORDS_FROM: f64 = 1e9;

/// From here on, numbers are written with a power of ten.
const POWERS_FROM: f64 = 1e15;

/// The least power of ten that is abbreviated.
pub(super) const LEAST_POWER: usize = 3;

/// The most decimals of a small number; smaller ones are written as 0.
const MAX_DECIMALS: u32 = 9;

/// A number and its unit as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The number: digits, separators and sign.
    pub value: String,
    /// The unit with a no-break space before it; empty if there is none.
    pub unit: String,
}

impl Formatted {
    /// The approximate width in a wide font, in tenths of an em, with the unit in a
    /// smaller one.
    pub fn width(&self) -> usize {
        let of_char = |c: char| match c {
            ',' | '.' | '\'' | '’' | '\u{a0}' | '\u{202f}' => 4,
            _ => 7,
        };
        let digits: usize = self.value.chars().map(of_char).sum();
        let unit = self.unit.chars().map(|c| if c.is_ascii() { 4 } else { 3 });
        digits + unit.sum::<usize>()
    }
}

impl fmt::Display for Formatted {
    /// The value and its unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)?;
        f.write_str(&self.unit)
    }
}

/// Whether two values of a metric have the same text.
pub fn looks_same(notation: &Notation, a: f64, b: f64) -> bool {
    let digits = Symbols::default();
    digits.value(notation, a) == digits.value(notation, b)
}

impl Symbols {
    /// A metric's value: 1,284 · 4,521 · 2.0% · 45 ms · 1.5 GiB; a dash if it is
    /// not finite.
    pub fn value(&self, notation: &Notation, number: f64) -> Formatted {
        let mut formatted = match notation.format {
            Format::Duration => self.duration(number),
            _ => self.scaled(&Scale::of(notation, number), number),
        };
        push_unit(&mut formatted.unit, notation);
        formatted
    }

    /// The same with all digits, even of a billion: 1,284,000,000.
    pub fn full(&self, notation: &Notation, number: f64) -> Formatted {
        match notation.format {
            Format::Duration => self.value(notation, number),
            _ => self.with_unit(&Scale::exact(notation, number), notation, "", number),
        }
    }

    /// The same within a [width](Formatted::width), if three digits fit: without
    /// decimals, or else abbreviated with three significant digits, as 1.28M.
    pub fn fitting(&self, notation: &Notation, number: f64, width: usize) -> Formatted {
        let full = self.full(notation, number);
        let mut scale = Scale::exact(notation, number);
        let size = (number / scale.divisor).abs();
        let keeps = notation.format == Format::Duration || !(100.0..POWERS_FROM).contains(&size);
        if full.width() <= width || keeps {
            return full;
        }
        (scale.decimals, scale.trimmed) = (0, false);
        let whole = self.with_unit(&scale, notation, "", number);
        let (_, power) = scientific(size);
        // A long unit is no reason to round a number of four digits.
        let fits = whole.width() <= width || power < 4;
        let abbreviation = self.compact.get(power.wrapping_sub(LEAST_POWER));
        let Some((zeros, suffix)) = abbreviation.filter(|_| !fits) else {
            return whole;
        };
        scale.divisor *= 10_u64.pow(*zeros) as f64;
        scale.decimals = (*zeros + 2).saturating_sub(power as u32);
        self.with_unit(&scale, notation, suffix, number)
    }

    /// A number with an abbreviation, the format's unit and the layout's.
    fn with_unit(
        &self,
        scale: &Scale,
        notation: &Notation,
        abbreviation: &str,
        number: f64,
    ) -> Formatted {
        let mut formatted = self.scaled(scale, number);
        formatted.unit.insert_str(0, abbreviation);
        push_unit(&mut formatted.unit, notation);
        formatted
    }

    /// The change from one value to another, with its sign: +12 · −0.4 pp
    /// (percentage points). It is the difference of the rounded values, so that
    /// the numbers on the screen add up.
    pub fn delta(&self, notation: &Notation, from: f64, to: f64) -> Formatted {
        let (from_scale, to_scale) = (Scale::of(notation, from), Scale::of(notation, to));
        let change = if (from_scale.unit, from_scale.decimals) == (to_scale.unit, to_scale.decimals)
        {
            // Rounded again: what is left of the subtraction is not a number to show.
            to_scale.round(to_scale.round(to) - from_scale.round(from))
        } else {
            to - from
        };
        let mut formatted = self.value(notation, change);
        if notation.format == Format::Percent {
            formatted.unit = "\u{a0}pp".into();
        }
        if change > 0.0 {
            // After the direction marks that the language's minus also has.
            let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
            let mut plus: String = self.minus.chars().filter(|c| marks.contains(c)).collect();
            plus.push('+');
            formatted.value.insert_str(0, &plus);
        }
        formatted
    }

    /// A tick of an axis in a unit of [`axis_unit`], with this number of decimals,
    /// at most 10: 1,500 or 0.25 ms.
    pub fn tick(
        &self,
        notation: &Notation,
        (divisor, unit): (f64, &'static str),
        number: f64,
        decimals: u32,
    ) -> String {
        if unit.is_empty() && number.abs() >= WORDS_FROM {
            return self.value(notation, number).to_string();
        }
        let mut formatted = self.scaled(&Scale::plain(divisor, decimals, unit), number);
        push_unit(&mut formatted.unit, notation);
        formatted.to_string()
    }

    /// The two largest units that fit: 45 s · 3 h 20 min; whole seconds from a minute on.
    fn duration(&self, seconds: f64) -> Formatted {
        const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")];
        let whole = seconds.abs().round();
        if !(59.95..POWERS_FROM).contains(&seconds.abs()) {
            let scale = Scale {
                trimmed: true,
                ..Scale::plain(1.0, 1, "s")
            };
            return self.scaled(&scale.for_small(seconds), seconds);
        }
        let larger = UNITS.iter().position(|(size, _)| whole >= *size);
        let larger = larger.unwrap_or_default();
        let ((size, unit), (rest_size, rest_unit)) = (UNITS[larger], UNITS[larger + 1]);
        let part = |number| self.write(&Scale::plain(1.0, 0, ""), number);
        let sign = if seconds < 0.0 { &*self.minus } else { "" };
        let count = (whole / size).floor();
        let rest = ((whole - count * size) / rest_size).floor();
        let value = [sign, &part(count), "\u{a0}", unit, "\u{a0}", &part(rest)].concat();
        Formatted {
            value,
            unit: ["\u{a0}", rest_unit].concat(),
        }
    }

    fn scaled(&self, scale: &Scale, number: f64) -> Formatted {
        Formatted {
            value: self.write(scale, number),
            unit: match scale.unit {
                "" => String::new(),
                "%" => self.percent.clone(),
                unit => format!("\u{a0}{unit}"),
            },
        }
    }

    fn write(&self, scale: &Scale, number: f64) -> String {
        let scaled = number / scale.divisor;
        if !scaled.is_finite() {
            return "–".to_owned();
        }
        let mut text = String::new();
        if scaled.abs() >= POWERS_FROM {
            self.push_power_of_ten(&mut text, scaled);
            return text;
        }
        let (whole, rest) = split(scaled, scale.decimals);
        if number < 0.0 && (whole, rest) != (0, 0) {
            text.push_str(&self.minus);
        }
        self.push_grouped(&mut text, whole);
        let mut fraction = String::new();
        push_fraction(&mut fraction, rest, scale.decimals);
        if scale.trimmed {
            fraction.truncate(fraction.trim_end_matches('0').len());
        }
        self.push_decimals(&mut text, &fraction);
        text
    }

    /// 1.28×10¹⁵.
    fn push_power_of_ten(&self, text: &mut String, number: f64) {
        const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        let (mantissa, exponent) = scientific(number.abs());
        if number < 0.0 {
            text.push_str(&self.minus);
        }
        let (whole, rest) = split(mantissa, 2);
        self.push_grouped(text, whole);
        let mut fraction = String::new();
        push_fraction(&mut fraction, rest, 2);
        self.push_decimals(text, &fraction);
        text.push_str("×10");
        for digit in exponent.to_string().bytes() {
            text.push(SUPERSCRIPTS[usize::from(digit - b'0')]);
        }
    }

    fn push_grouped(&self, text: &mut String, whole: u64) {
        let digits = whole.to_string();
        let grouped = digits.len() >= self.grouped_from;
        for (n, digit) in digits.bytes().enumerate() {
            let left = digits.len() - n;
            // The last group has three digits, the others depend on the language.
            let starts = left == 3 || (left > 3 && (left - 3).is_multiple_of(self.group_size));
            if n > 0 && starts && grouped {
                text.push_str(&self.group);
            }
            text.push(char::from(digit));
        }
    }

    fn push_decimals(&self, text: &mut String, fraction: &str) {
        if !fraction.is_empty() {
            text.push_str(&self.decimal);
            text.push_str(fraction);
        }
    }
}

/// Appends the layout's unit, after a no-break space if it does not continue the
/// format's own.
fn push_unit(unit: &mut String, notation: &Notation) {
    let attached = notation.unit.starts_with(['/', '°', '%']) || notation.format == Format::Si;
    if !notation.unit.is_empty() {
        if unit.is_empty() || !attached {
            unit.push('\u{a0}');
        }
        *unit += &notation.unit;
    }
}

/// The unit for an axis up to this size: its size in the metric's own unit, and
/// its name.
pub fn axis_unit(notation: &Notation, size: f64) -> (f64, &'static str) {
    match notation.format {
        // Counts are written in full on an axis.
        Format::Integer | Format::Decimal | Format::Currency => (1.0, ""),
        Format::Duration => match size {
            ..120.0 => (1.0, "s"),
            ..7200.0 => (60.0, "min"),
            ..172_800.0 => (3600.0, "h"),
            _ => (86_400.0, "d"),
        },
        _ => {
            let scale = Scale::of(notation, size);
            (scale.divisor, scale.unit)
        }
    }
}

/// A number with this number of decimals, at most 9, without separators and with a
/// hyphen for a minus: for machines, not for people.
pub fn plain(number: f64, decimals: u32) -> String {
    let (whole, rest) = split(number, decimals);
    let sign = if number < 0.0 && (whole, rest) != (0, 0) {
        "-"
    } else {
        ""
    };
    let mut text = format!("{sign}{whole}");
    if decimals > 0 {
        text.push('.');
        push_fraction(&mut text, rest, decimals);
    }
    text
}

/// How numbers of a certain size are written.
struct Scale {
    /// The size of the unit.
    divisor: f64,
    /// The number of decimals, at most 9.
    decimals: u32,
    /// Whether trailing zeros are omitted.
    trimmed: bool,
    unit: &'static str,
}

impl Scale {
    fn plain(divisor: f64, decimals: u32, unit: &'static str) -> Self {
        Self {
            divisor,
            decimals,
            trimmed: false,
            unit,
        }
    }

    fn of(notation: &Notation, number: f64) -> Self {
        let size = number.abs();
        let words = match notation.format {
            Format::Integer | Format::Decimal if (WORDS_FROM..POWERS_FROM).contains(&size) => {
                // Allows for rounding: 999.999 billion is 1 trillion.
                if size < 999.995e9 {
                    Self::plain(1e9, 2, "billion")
                } else {
                    Self::plain(1e12, 2, "trillion")
                }
            }
            _ => return Self::exact(notation, number),
        };
        words.adjusted(notation, number)
    }

    /// Without words for large numbers.
    fn exact(notation: &Notation, number: f64) -> Self {
        Self::usual(notation.format, number).adjusted(notation, number)
    }

    /// With the decimals of the layout, or those that a small number needs.
    fn adjusted(self, notation: &Notation, number: f64) -> Self {
        match notation.decimals {
            // The layout's reader does not check its limit.
            Some(decimals) => Self::plain(self.divisor, decimals.min(MAX_DECIMALS), self.unit),
            None => self.for_small(number),
        }
    }

    /// With two significant digits, if the number would be rounded to less than one.
    fn for_small(self, number: f64) -> Self {
        let mut decimals = self.decimals;
        let mut digits = number.abs() / self.divisor * f64::from(10_u32.pow(decimals));
        if self.decimals == 0 || digits >= 0.95 {
            return self;
        }
        while digits < 9.5 {
            if decimals == MAX_DECIMALS {
                return self;
            }
            decimals += 1;
            digits *= 10.0;
        }
        Self {
            decimals,
            trimmed: true,
            ..self
        }
    }

    fn usual(format: Format, number: f64) -> Self {
        let plain = Self::plain;
        let size = number.abs();
        match format {
            Format::Integer => plain(1.0, 0, ""),
            Format::Decimal => Self {
                trimmed: true,
                ..plain(1.0, 2, "")
            },
            Format::Percent => plain(0.01, 1, "%"),
            Format::Milliseconds if size < 9.95 => Self {
                trimmed: true,
                ..plain(1.0, 1, "ms")
            },
            Format::Milliseconds if size < 9999.5 => plain(1.0, 0, "ms"),
            Format::Milliseconds => plain(1000.0, 1, "s"),
            Format::Duration => plain(1.0, 0, "s"),
            Format::Currency => plain(1.0, 2, ""),
            Format::Celsius => plain(1.0, 1, "°C"),
            Format::Fahrenheit => plain(1.0, 1, "°F"),
            Format::Bytes => {
                let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
                let (divisor, unit) = largest_unit(size, 1024.0, 1.0, &units);
                plain(divisor, u32::from(divisor > 1.0), unit)
            }
            Format::Bits => {
                let units = ["bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit"];
                let (divisor, unit) = largest_unit(size, 1000.0, 1.0, &units);
                plain(divisor, u32::from(divisor > 1.0), unit)
            }
            Format::Si => {
                let units = ["n", "µ", "m", "", "k", "M", "G", "T", "P"];
                let smallest = if size == 0.0 { 1.0 } else { 1e-9 };
                let units = if size == 0.0 { &units[3..] } else { &units };
                let (divisor, unit) = largest_unit(size, 1000.0, smallest, units);
                let decimals = match size / divisor {
                    ..9.995 => 2,
                    ..99.95 => 1,
                    _ => 0,
                };
                Self {
                    trimmed: true,
                    ..plain(divisor, decimals, unit)
                }
            }
        }
    }

    /// The number rounded like its text, in the metric's own unit.
    fn round(&self, number: f64) -> f64 {
        let factor = f64::from(10_u32.pow(self.decimals));
        (number / self.divisor * factor).round() / factor * self.divisor
    }
}

/// The largest unit that a number of this size has at least one of, with one decimal:
/// its size and its name. Each unit is `base` times the one before, the first
/// `smallest`.
fn largest_unit(
    size: f64,
    base: f64,
    smallest: f64,
    units: &[&'static str],
) -> (f64, &'static str) {
    let mut divisor = smallest;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        // Allows for rounding: 1,023.96 KiB is 1.0 MiB; whole bytes have no decimals.
        let shown_whole = if divisor == 1.0 { 0.5 } else { 0.05 };
        if size < (base - shown_whole) * divisor {
            break;
        }
        divisor *= base;
        unit = larger;
    }
    (divisor, unit)
}

/// A number from 1 on as one of less than 10, also if rounded to two decimals, and the
/// power of ten that it is multiplied by.
fn scientific(mut number: f64) -> (f64, usize) {
    let mut power = 0;
    while number >= 9.995 {
        number /= 10.0;
        power += 1;
    }
    (number, power)
}

/// The digits before and after the decimal point, rounded.
fn split(number: f64, decimals: u32) -> (u64, u64) {
    let factor = 10_u64.pow(decimals);
    let digits = (number.abs() * factor as f64).round() as u64;
    (digits / factor, digits % factor)
}

/// Appends the decimals, with leading zeros.
fn push_fraction(text: &mut String, rest: u64, decimals: u32) {
    if decimals > 0 {
        let digits = rest.to_string();
        for _ in digits.len()..decimals as usize {
            text.push('0');
        }
        text.push_str(&digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_each_format() {
        use Format::{
            Bits, Bytes, Celsius, Currency, Decimal, Duration, Fahrenheit, Integer, Milliseconds,
            Percent, Si,
        };
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
            (Decimal, 0.001, "0.001"),
            (Decimal, 0.000_416, "0.00042"),
            (Decimal, -0.000_4, "−0.0004"),
            (Decimal, 0.012, "0.01"),
            (Decimal, 1e-12, "0"),
            (Integer, 0.000_4, "0"),
            (Percent, 0.000_4, "0.04%"),
            (Percent, 0.000_004, "0.0004%"),
            (Percent, 0.001, "0.1%"),
            (Milliseconds, 0.04, "0.04 ms"),
            (Decimal, -1234.567, "−1,234.57"),
            (Percent, 0.02, "2.0%"),
            (Percent, 0.0195, "2.0%"),
            (Percent, 0.0, "0.0%"),
            (Percent, -0.0001, "−0.01%"),
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
            (Bits, 999.0, "999 bit"),
            (Bits, 1_500_000.0, "1.5 Mbit"),
            (Si, 0.0, "0"),
            (Si, 0.045, "45 m"),
            (Si, 1284.0, "1.28 k"),
            (Si, 12_840.0, "12.8 k"),
            (Si, 128.4, "128"),
            (Si, 999.96, "1 k"),
            (Si, -2.5e9, "−2.5 G"),
            (Si, 4e-12, "0.004 n"),
            (Duration, 0.0, "0 s"),
            (Duration, 4.25, "4.3 s"),
            (Duration, 0.012, "0.012 s"),
            (Duration, 59.96, "1 min 0 s"),
            (Duration, 725.0, "12 min 5 s"),
            (Duration, 12_000.0, "3 h 20 min"),
            (Duration, -187_200.0, "−2 d 4 h"),
            (Duration, f64::NAN, "– s"),
            (Currency, 1284.5, "1,284.50"),
            (Celsius, 21.46, "21.5 °C"),
            (Fahrenheit, -4.0, "−4.0 °F"),
        ] {
            let text = Symbols::default()
                .value(&format.into(), number)
                .to_string()
                .replace('\u{a0}', " ");
            assert_eq!(text, expected, "{format:?} {number}");
        }
    }

    #[test]
    fn the_unit_is_separate() {
        let symbols = Symbols::default();
        let latency = symbols.value(&Format::Milliseconds.into(), 45.0);
        assert_eq!((&*latency.value, &*latency.unit), ("45", "\u{a0}ms"));
        assert_eq!(symbols.value(&Format::Integer.into(), 45.0).unit, "");
    }

    #[test]
    fn the_layout_s_unit_and_decimals_count() {
        for (format, unit, decimals, number, expected) in [
            (Format::Integer, "req/s", None, 1284.0, "1,284 req/s"),
            (Format::Decimal, "°", None, 21.5, "21.5 °"),
            (Format::Si, "W", None, 1284.0, "1.28 kW"),
            (Format::Si, "W", None, 5.0, "5 W"),
            (Format::Bytes, "/s", None, 1536.0, "1.5 KiB/s"),
            (Format::Currency, "€", None, 1284.5, "1,284.50 €"),
            (Format::Currency, "€", Some(0), 1284.5, "1,285 €"),
            (Format::Percent, "", Some(3), 0.02, "2.000%"),
            (Format::Percent, "", Some(0), 0.0004, "0%"),
            (Format::Decimal, "", Some(99), 0.5, "0.500000000"),
        ] {
            let notation = Notation {
                format,
                unit: unit.into(),
                decimals,
            };
            let text = Symbols::default().value(&notation, number).to_string();
            assert_eq!(text.replace('\u{a0}', " "), expected);
        }
    }

    #[test]
    fn changes_have_a_sign_and_add_up() {
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
            let text = Symbols::default()
                .delta(&format.into(), from, to)
                .to_string()
                .replace('\u{a0}', " ");
            assert_eq!(text, expected, "{format:?} {from} → {to}");
        }
    }

    #[test]
    fn ticks_have_the_same_decimals_and_unit() {
        let symbols = Symbols::default();
        let tick = |format: Format, most, number, decimals| {
            let notation = format.into();
            let tick = symbols.tick(&notation, axis_unit(&notation, most), number, decimals);
            tick.replace('\u{a0}', " ")
        };
        assert_eq!(tick(Format::Decimal, 1.0, 0.0, 2), "0.00");
        assert_eq!(tick(Format::Integer, 2000.0, 1500.0, 0), "1,500");
        assert_eq!(tick(Format::Decimal, 1.0, -0.5, 1), "−0.5");
        assert_eq!(tick(Format::Integer, 2e9, 2e9, 0), "2.00 billion");
        assert_eq!(tick(Format::Percent, 0.05, 0.02, 0), "2%");
        assert_eq!(tick(Format::Milliseconds, 20_000.0, 5000.0, 0), "5 s");
        assert_eq!(tick(Format::Bytes, 4096.0, 1024.0, 0), "1 KiB");
    }

    #[test]
    fn values_that_are_too_wide_have_fewer_digits() {
        use Format::{Bytes, Decimal, Integer, Milliseconds, Percent};
        for (format, number, expected) in [
            (Integer, 999_999.0, "999,999"),
            (Integer, -99_999.0, "−99,999"),
            (Integer, -999_499.0, "−999K"),
            (Integer, -999_999.0, "−1.00M"),
            (Integer, 1_284_000.0, "1.28M"),
            (Integer, 12_840_000.0, "12.8M"),
            (Integer, -128_400_000.0, "−128M"),
            (Decimal, -999_999_000.0, "−1.00B"),
            (Decimal, 12_345.678, "12,346"),
            (Decimal, -0.000_4, "−0.0004"),
            (Decimal, -0.004_2, "−0.0042"),
            (Integer, 4.5e12, "4.50T"),
            (Integer, 999e12, "999T"),
            (Integer, 1.5e15, "1.50×10¹⁵"),
            (Percent, 0.000_4, "0.04%"),
            (Percent, -0.000_4, "−0.04%"),
            (Percent, 12.5, "1,250.0%"),
            (Percent, -12.5, "−1,250%"),
            (Percent, 12_500.0, "1.25M%"),
            (Milliseconds, 9_999.0, "9,999 ms"),
            (Milliseconds, 12_345_600.0, "12,346 s"),
            (Milliseconds, 1.2e12, "1.20B s"),
            (Bytes, 104_857_600.0, "100.0 MiB"),
            (Bytes, -104_857_600.0, "−100 MiB"),
            (Bytes, 1_048_576.0, "1.0 MiB"),
            (Bytes, f64::NAN, "– EiB"),
        ] {
            let text = Symbols::default()
                .fitting(&format.into(), number, 48)
                .to_string();
            assert_eq!(text.replace('\u{a0}', " "), expected, "{format:?} {number}");
        }
        let full = |number| Symbols::default().full(&Integer.into(), number).to_string();
        assert_eq!(full(-1_284_000_000.0), "−1,284,000,000");
        assert_eq!(full(1.5e15), "1.50×10¹⁵");
    }

    #[test]
    fn each_language_abbreviates_at_its_own_powers() {
        let fitting = |compact: &[&str], number| {
            let compact: Vec<_> = compact.iter().map(|text| (*text).to_owned()).collect();
            let symbols = Symbols::read_off("1,234", "-1,234,567.8", "50%", &compact);
            symbols
                .fitting(&Format::Integer.into(), number, 48)
                .to_string()
        };
        let german = ["1000", "10.000", "100.000", "1\u{a0}Mio.", "10\u{a0}Mio."];
        assert_eq!(fitting(&german, 12_840_000.0), "12.8\u{a0}Mio.");
        assert_eq!(
            fitting(&german, -999_499.0),
            "−999,499",
            "it has no thousands"
        );
        let japanese = ["1000", "1万", "10万", "100万", "1000万", "1億"];
        assert_eq!(fitting(&japanese, 1_284_000.0), "128万");
        assert_eq!(fitting(&japanese, 128_400_000.0), "1.28億");
    }

    #[test]
    fn each_language_has_its_own_symbols() {
        let german = Symbols {
            group: ".".into(),
            decimal: ",".into(),
            minus: "-".into(),
            percent: "\u{a0}%".into(),
            ..Symbols::default()
        };
        assert_eq!(
            german.value(&Format::Decimal.into(), -1234.5).to_string(),
            "-1.234,5"
        );
        assert_eq!(
            german.value(&Format::Percent.into(), 0.02).to_string(),
            "2,0\u{a0}%"
        );
        let arabic = Symbols {
            minus: "\u{200e}\u{2212}".into(),
            ..Symbols::default()
        };
        assert_eq!(
            arabic.delta(&Format::Integer.into(), 1.0, 3.0).value,
            "\u{200e}+2"
        );
        assert_eq!(german.delta(&Format::Integer.into(), 1.0, 3.0).value, "+2");
        let indian = Symbols {
            group_size: 2,
            ..Symbols::default()
        };
        assert_eq!(
            indian.value(&Format::Integer.into(), 12_345_678.0).value,
            "1,23,45,678"
        );
        let spanish = Symbols {
            group: ".".into(),
            grouped_from: 5,
            ..Symbols::default()
        };
        assert_eq!(spanish.value(&Format::Integer.into(), 4521.0).value, "4521");
        assert_eq!(
            spanish.value(&Format::Integer.into(), 45_210.0).value,
            "45.210"
        );
    }

    #[test]
    fn plain_numbers_have_no_separators() {
        assert_eq!(plain(1_709_901_234.0, 0), "1709901234");
        assert_eq!(plain(99.996, 2), "100.00");
        assert_eq!(plain(0.05, 2), "0.05");
        assert_eq!(plain(-1.5, 1), "-1.5");
        assert_eq!(plain(-0.01, 1), "0.0");
    }

    proptest::proptest! {
        #[test]
        fn every_number_has_a_text(bits: u64, other: u64) {
            let (number, other) = (f64::from_bits(bits), f64::from_bits(other));
            for (_, format) in Format::ALL {
                proptest::prop_assert!(!Symbols::default().value(&format.into(), number).value.is_empty());
                proptest::prop_assert!(!Symbols::default().fitting(&format.into(), number, 48).value.is_empty());
                proptest::prop_assert!(!Symbols::default().delta(&format.into(), number, other).value.is_empty());
            }
        }
    }
}
