//! How a language writes numbers, as plain data.

/// The characters of a number. [`Default`] is English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols {
    /// The separator between groups of digits.
    pub group: String,
    /// The number of digits of a group, except the last, which has three.
    pub group_size: usize,
    /// The minimum number of digits for grouping.
    pub grouped_from: usize,
    /// The decimal separator.
    pub decimal: String,
    /// The sign of a negative number.
    pub minus: String,
    /// The percent sign, with the space before it if the language has one.
    pub percent: String,
    /// For each power of ten from the third to the fourteenth, the number of zeros that
    /// an abbreviation stands for, and the abbreviation with the space before it if the
    /// language has one: (3, "K") for 10³, 10⁴ and 10⁵ in English.
    pub compact: Vec<(u32, String)>,
}

impl Default for Symbols {
    fn default() -> Self {
        Self {
            group: ",".into(),
            group_size: 3,
            grouped_from: 4,
            decimal: ".".into(),
            // A minus, not a hyphen.
            minus: "\u{2212}".into(),
            percent: "%".into(),
            compact: (3..15_u32)
                .map(|power| {
                    (
                        power / 3 * 3,
                        ["K", "M", "B", "T"][power as usize / 3 - 1].into(),
                    )
                })
                .collect(),
        }
    }
}

impl Symbols {
    /// The symbols of a language, from how it writes 1234, −1234567.8, 50 %, and the
    /// powers of ten from the third on in short; English if they cannot be recognised.
    pub fn read_off(short: &str, long: &str, percent: &str, compact: &[String]) -> Self {
        let english = Self::default();
        let is_digit = |c: char| c.is_ascii_digit();
        // Each run of digits with the characters before it.
        let mut runs: Vec<(String, usize)> = vec![Default::default()];
        for c in long.chars() {
            let (mark, digits) = runs.last_mut().expect("never empty");
            match (is_digit(c), *digits) {
                (true, _) => *digits += 1,
                (false, 0) => mark.push(c),
                (false, _) => runs.push((c.into(), 0)),
            }
        }
        let [(minus, _), .., (_, before), _, (decimal, _)] = &runs[..] else {
            return english;
        };
        Self {
            group: runs[1].0.clone(),
            group_size: *before,
            grouped_from: if short.chars().all(is_digit) { 5 } else { 4 },
            decimal: decimal.clone(),
            // A minus, even if the language writes a hyphen.
            minus: minus.replace('-', &english.minus),
            percent: percent
                .rsplit_once(is_digit)
                .map_or(english.percent, |(_, sign)| sign.to_owned()),
            compact: match compact {
                [] => english.compact,
                powers => (3..)
                    .zip(powers)
                    .map(|(power, text)| {
                        let digits = text.chars().filter(|c| is_digit(*c)).count() as u32;
                        let suffix = text.rsplit_once(is_digit).unwrap_or_default().1;
                        ((power + 1_u32).saturating_sub(digits), suffix.to_owned())
                    })
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_recognised_in_formatted_numbers() {
        let english = Symbols::read_off("1,234", "-1,234,567.8", "50%", &[]);
        assert_eq!(english, Symbols::default());
        let german = Symbols::read_off("1.234", "-1.234.567,8", "50\u{a0}%", &[]);
        assert_eq!((&*german.group, &*german.decimal), (".", ","));
        assert_eq!(german.percent, "\u{a0}%");
        let indian = Symbols::read_off("1,234", "-12,34,567.8", "50%", &[]);
        assert_eq!((indian.group_size, indian.grouped_from), (2, 4));
        let spanish = Symbols::read_off("1234", "-1.234.567,8", "50\u{a0}%", &[]);
        assert_eq!((spanish.group_size, spanish.grouped_from), (3, 5));
        let arabic = Symbols::read_off("1,234", "\u{200e}-1,234,567.8", "50\u{200e}%\u{200e}", &[]);
        assert_eq!(arabic.minus, "\u{200e}\u{2212}");
        assert_eq!(arabic.percent, "\u{200e}%\u{200e}");
    }

    #[test]
    fn unrecognisable_numbers_give_english_symbols() {
        for nonsense in ["", "NaN", "1", "-1,2", "ab"] {
            let read = Symbols::read_off(nonsense, nonsense, nonsense, &[nonsense.into()]);
            assert_eq!(read.decimal, ".", "{nonsense}");
        }
    }
}
