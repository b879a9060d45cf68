//! How a language writes numbers, as plain data.

/// The characters of a number. [`Default`] is English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols {
    /// The digit zero; the other nine follow it in Unicode.
    pub zero: char,
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
}

impl Default for Symbols {
    fn default() -> Self {
        Self {
            zero: '0',
            group: ",".into(),
            group_size: 3,
            grouped_from: 4,
            decimal: ".".into(),
            // A minus, not a hyphen.
            minus: "\u{2212}".into(),
            percent: "%".into(),
        }
    }
}

impl Symbols {
    /// The symbols of a language, from how it writes 0, 1234, −1234567.8 and
    /// 50 %; English if they cannot be recognised.
    pub fn read_off(zero: &str, short: &str, long: &str, percent: &str) -> Self {
        let english = Self::default();
        let zero = zero.chars().next().unwrap_or(english.zero);
        let is_digit = |c: char| (0..10).contains(&(i64::from(c as u32) - i64::from(zero as u32)));
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
            zero,
            group: runs[1].0.clone(),
            group_size: *before,
            grouped_from: if short.chars().all(is_digit) { 5 } else { 4 },
            decimal: decimal.clone(),
            // A minus, even if the language writes a hyphen.
            minus: minus.replace('-', &english.minus),
            percent: percent
                .rsplit_once(is_digit)
                .map_or(english.percent, |(_, sign)| sign.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_recognised_in_formatted_numbers() {
        let english = Symbols::read_off("0", "1,234", "-1,234,567.8", "50%");
        assert_eq!(english, Symbols::default());
        let german = Symbols::read_off("0", "1.234", "-1.234.567,8", "50\u{a0}%");
        assert_eq!((&*german.group, &*german.decimal), (".", ","));
        assert_eq!(german.percent, "\u{a0}%");
        let indian = Symbols::read_off("0", "1,234", "-12,34,567.8", "50%");
        assert_eq!((indian.group_size, indian.grouped_from), (2, 4));
        let spanish = Symbols::read_off("0", "1234", "-1.234.567,8", "50\u{a0}%");
        assert_eq!((spanish.group_size, spanish.grouped_from), (3, 5));
        let arabic = Symbols::read_off("٠", "١٬٢٣٤", "\u{61c}-١٬٢٣٤٬٥٦٧٫٨", "٥٠٪\u{61c}");
        assert_eq!(arabic.zero, '٠');
        assert_eq!((&*arabic.group, &*arabic.decimal), ("٬", "٫"));
        assert_eq!(arabic.minus, "\u{61c}\u{2212}");
        assert_eq!(arabic.percent, "٪\u{61c}");
    }

    #[test]
    fn unrecognisable_numbers_give_english_symbols() {
        for nonsense in ["", "NaN", "1", "-1,2", "ab"] {
            let read = Symbols::read_off("", nonsense, nonsense, nonsense);
            assert_eq!(read.decimal, ".", "{nonsense}");
        }
    }
}
