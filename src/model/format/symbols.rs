//! How a language writes the digits of a number, as plain data.

/// The marks that a number is put together from. [`Default`] are the English
/// ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols {
    /// The digit for zero; the other nine follow it.
    pub zero: char,
    /// Stands between two groups of digits.
    pub group: String,
    /// How many digits the groups before the last one have; the last one has
    /// three.
    pub group_size: usize,
    /// From how many digits on a number is grouped.
    pub grouped_from: usize,
    /// Stands before the decimals.
    pub decimal: String,
    /// Stands before a number below zero.
    pub minus: String,
    /// Stands after a percentage, with the space before it where the language
    /// has one.
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
    /// The symbols of a language, read off what it makes of 0, of 1234, of
    /// −1234567.8 and of 50 %. What cannot be read off is English.
    pub fn read_off(zero: &str, short: &str, long: &str, percent: &str) -> Self {
        let english = Self::default();
        let zero = zero.chars().next().unwrap_or(english.zero);
        let is_digit = |c: char| (0..10).contains(&(i64::from(c as u32) - i64::from(zero as u32)));
        // Each run of digits with the mark before it.
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
            // Where a language only has a hyphen, people still get a minus.
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
    fn the_symbols_of_a_language_are_read_off_its_numbers() {
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
    fn what_is_no_number_is_read_as_english() {
        for nonsense in ["", "NaN", "1", "-1,2", "ab"] {
            let read = Symbols::read_off("", nonsense, nonsense, nonsense);
            assert_eq!(read.decimal, ".", "{nonsense}");
        }
    }
}
