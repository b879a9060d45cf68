//! When a connection ends, and when to renew it.

use super::backoff::Random;

/// How long before the end a renewal starts, in milliseconds, or which part of
/// a short lifetime that is; chance makes it up to twice as early.
const LEAD: f64 = 60_000.0;
const LEAD_PART: f64 = 0.1;
/// A connection is not renewed sooner than this, in milliseconds: a clock that
/// is wrong shall not make a viewer renew without end.
const SOONEST: f64 = 2_000.0;

/// How many milliseconds after its start a connection is renewed that ends in
/// `remaining` milliseconds by the viewer's clock.
///
/// A connection that seems to have ended already is not renewed: then the two
/// clocks disagree, and being cut off is all that is left.
pub(super) fn renew_in(remaining: f64, random: &mut Random) -> Option<f64> {
    if remaining <= 0.0 {
        return None;
    }
    let lead = LEAD.min(LEAD_PART * remaining);
    Some((remaining - lead * random.between(1.0, 2.0)).max(SOONEST))
}

/// The milliseconds since the Unix epoch of an RFC 3339 time in UTC, such as
/// `2026-10-13T19:09:23Z`; a fraction of a second is passed over. `None` for
/// anything else.
pub(super) fn unix_millis(time: &str) -> Option<f64> {
    let (date, clock) = time.strip_suffix(['Z', 'z'])?.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    (digits && in_range).then(|| {
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        seconds as f64 * 1_000.0
    })
}

/// Three numbers of exactly these lengths.
fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days since the Unix epoch, in the Gregorian calendar. Years are counted
/// from March, so that the leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let before_month = (153 * month + 2) / 5;
    // March 1st of the year 0 lies 719,468 days before 1970.
    year * 365 + leap_days + before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (time, millis) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2026-10-13T19:09:23Z", 1_791_918_563_000.0),
            ("2026-10-13t19:09:23.999999z", 1_791_918_563_000.0),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000.0),
            ("2000-03-01T00:00:00Z", 951_868_800_000.0),
            ("1999-12-31T23:59:59Z", 946_684_799_000.0),
        ] {
            assert_eq!(unix_millis(time), Some(millis), "{time}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "Z",
            "2026-10-13",
            "2026-10-13T19:09:23",
            "2026-10-13T19:09:23+02:00",
            "2026-13-13T19:09:23Z",
            "2026-00-13T19:09:23Z",
            "2026-10-32T19:09:23Z",
            "2026-10-13T24:09:23Z",
            "2026-10-13T19:60:23Z",
            "2026-10-13T19:09:23.Z",
            "2026-10-13T19:09:23.xZ",
            "2026-10-13T19:09Z",
            "2026-10-13T19:09:23:00Z",
            "+026-10-13T19:09:23Z",
            "tomorrow",
        ] {
            assert_eq!(unix_millis(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_renewal_comes_before_the_end() {
        for seed in 0..100 {
            let renew_in = |remaining| renew_in(remaining, &mut Random::new(seed));
            let hours = renew_in(7_200_000.0).expect("a renewal");
            assert!((7_080_000.0..=7_140_000.0).contains(&hours), "{hours}");
            let short = renew_in(10_000.0).expect("a renewal");
            assert!((8_000.0..=9_000.0).contains(&short), "{short}");
        }
    }

    #[test]
    fn a_wrong_clock_does_not_make_it_renew_without_end() {
        let mut random = Random::new(1);
        assert_eq!(renew_in(100.0, &mut random), Some(2_000.0));
        assert_eq!(renew_in(0.0, &mut random), None);
        assert_eq!(renew_in(-5_000.0, &mut random), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "[0-9TZ:. -]{0,30}|\\PC*") {
            let _ = unix_millis(&text);
        }
    }
}
