//! Message ids: ULIDs, which grow within a channel and contain their time.

/// The characters of a ULID.
const LENGTH: usize = 26;
/// Crockford's base32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The low bits of a ULID, which are not its time.
pub const RANDOM_BITS: u32 = 80;

/// A ULID's number, which sorts as its text does; `None` if the id is not a
/// ULID.
///
/// A ULID is 26 characters of Crockford's base32, most significant first; the
/// upper 48 of its 128 bits are its time.
pub fn number(id: &str) -> Option<u128> {
    let digits = id.as_bytes();
    // 26 characters of 5 bits hold 130: the first may use only 3.
    if digits.len() != LENGTH || value(digits[0])? > 7 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        Some(number << 5 | u128::from(value(*digit)?))
    })
}

/// When a message with this number was published, in milliseconds since the Unix
/// epoch by the hub's clock.
pub fn unix_millis(number: u128) -> f64 {
    (number >> RANDOM_BITS) as f64
}

/// A number as a ULID.
pub fn encode(number: u128) -> String {
    let digit = |place: usize| ALPHABET[(number >> (5 * place)) as usize & 31];
    (0..LENGTH).rev().map(digit).map(char::from).collect()
}

/// A base32 digit's value: letters of either case, except I, L, O and U.
fn value(digit: u8) -> Option<u8> {
    let value = ALPHABET
        .iter()
        .position(|known| *known == digit.to_ascii_uppercase())?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ulid_contains_its_time() {
        for (id, millis) in [
            ("01ARYZ6S41TSV4RRFFQ69G5FAV", 1_469_918_176_385.0),
            ("01aryz6s41tsv4rrffq69g5fav", 1_469_918_176_385.0),
            ("00000000000000000000000000", 0.0),
            ("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 281_474_976_710_655.0),
        ] {
            assert_eq!(number(id).map(unix_millis), Some(millis), "{id}");
        }
    }

    #[test]
    fn other_ids_have_no_number() {
        for id in [
            "",
            "01ARYZ6S41",
            "01ARYZ6S41TSV4RRFFQ69G5FAVX",
            "81ARYZ6S41TSV4RRFFQ69G5FAV",
            "01ARYZ6S41TSV4RRFFQ69G5FAU",
            "01ARYZ6S41TSV4RRFFQ69G5F-V",
            "01ARYZ6S41TSV4RRFFQ69G5Fä",
            "6ba7b810-9dad-11d1-80b4-00",
        ] {
            assert_eq!(number(id), None, "{id:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_survives_its_encoding(number: u128) {
            assert_eq!(super::number(&encode(number)), Some(number));
        }

        #[test]
        fn no_id_panics(id in "\\PC{0,30}") {
            let _ = super::number(&id);
        }
    }
}
