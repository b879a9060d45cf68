//! Moments as text. Times are milliseconds since the Unix epoch; those of a
//! place take its offset from UTC in minutes, east positive.

/// A day, in milliseconds.
const DAY: u64 = 86_400_000;

/// The last moment that has four digits for its year.
const LAST: f64 = 253_402_300_799_999.0;

/// How long ago something was: just now, 12 s ago, 2 min ago, 3 days ago.
/// What lies ahead of `now` counts as just now: clocks differ a little.
pub fn ago(then: f64, now: f64) -> String {
    let seconds = ((now - then) / 1000.0).max(0.0) as u64;
    match seconds {
        0..5 => "just now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        86_400..172_800 => "1 day ago".to_owned(),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// The time of day: 14:03:22.
pub fn time_of_day(at: f64, offset_minutes: i32) -> String {
    clock(local(at, offset_minutes))
}

/// Date and time of day: 2026-07-24 14:03:22.
pub fn date_time(at: f64, offset_minutes: i32) -> String {
    let at = local(at, offset_minutes);
    format!("{} {}", date(at), clock(at))
}

/// The moment as RFC 3339 writes it, in UTC: 2026-07-24T12:03:22Z.
pub fn rfc3339(at: f64) -> String {
    let at = local(at, 0);
    format!("{}T{}Z", date(at), clock(at))
}

/// Milliseconds by the clock on the wall, held within what can be written.
fn local(at: f64, offset_minutes: i32) -> u64 {
    (at + f64::from(offset_minutes) * 60_000.0).clamp(0.0, LAST) as u64
}

fn clock(at: u64) -> String {
    let seconds = at % DAY / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

/// The date by the Gregorian calendar. Years are counted from March, so that
/// the leap day is a year's last; 400 years have 146,097 days.
fn date(at: u64) -> String {
    // Days from 0000-03-01 to 1970-01-01.
    let days = at / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days_passed = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days_passed) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on, five months have 153 days.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_words() {
        let then = 1_709_901_234_000.0;
        for (seconds, expected) in [
            (-3600.0, "just now"),
            (0.0, "just now"),
            (4.9, "just now"),
            (5.0, "5 s ago"),
            (59.9, "59 s ago"),
            (60.0, "1 min ago"),
            (125.0, "2 min ago"),
            (3600.0, "1 h ago"),
            (86_399.0, "23 h ago"),
            (86_400.0, "1 day ago"),
            (172_800.0, "2 days ago"),
            (8_640_000.0, "100 days ago"),
        ] {
            assert_eq!(ago(then, then + seconds * 1000.0), expected, "{seconds}");
        }
        assert_eq!(ago(f64::NAN, then), "just now");
    }

    #[test]
    fn moments_by_the_calendar() {
        for (seconds, expected) in [
            (0.0, "1970-01-01T00:00:00Z"),
            (951_782_399.0, "2000-02-28T23:59:59Z"),
            (951_782_400.0, "2000-02-29T00:00:00Z"),
            (951_868_800.0, "2000-03-01T00:00:00Z"),
            (1_709_901_234.0, "2024-03-08T12:33:54Z"),
            (1_798_761_599.0, "2026-12-31T23:59:59Z"),
            (4_107_542_400.0, "2100-03-01T00:00:00Z"),
            (253_402_300_799.0, "9999-12-31T23:59:59Z"),
            (1e18, "9999-12-31T23:59:59Z"),
            (-1.0, "1970-01-01T00:00:00Z"),
            (f64::NAN, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds * 1000.0), expected, "{seconds}");
        }
    }

    #[test]
    fn a_place_has_its_own_clock() {
        let at = 1_709_901_234_000.0;
        assert_eq!(time_of_day(at, 0), "12:33:54");
        assert_eq!(time_of_day(at, 60), "13:33:54");
        assert_eq!(time_of_day(at, -750), "00:03:54");
        assert_eq!(date_time(at, 720), "2024-03-09 00:33:54");
        assert_eq!(date_time(at, -780), "2024-03-07 23:33:54");
    }
}
