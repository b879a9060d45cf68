//! Times as text. Times are milliseconds since the Unix epoch, and UTC offsets
//! minutes, east positive.

use live_dashboard_protocol::limits::LAST_SECOND;

/// A day, in milliseconds.
const DAY: u64 = 86_400_000;

/// The unit of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
}

impl Unit {
    /// Its English name, as `Intl` uses it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// An age in the largest unit that fits. Below 5 seconds it is 0, also for a time
/// after `now`, because clocks differ a little.
pub(super) fn age(then: f64, now: f64) -> (u32, Unit) {
    let seconds = ((now - then) / 1000.0).max(0.0) as u32;
    match seconds {
        0..5 => (0, Unit::Second),
        5..60 => (seconds, Unit::Second),
        60..3600 => (seconds / 60, Unit::Minute),
        3600..86_400 => (seconds / 3600, Unit::Hour),
        _ => (seconds / 86_400, Unit::Day),
    }
}

/// The time of day: 14:03:22.
pub(super) fn clock(at: f64, offset_minutes: i32) -> String {
    time_of_day(local(at, offset_minutes))
}

/// Date and time of day: 2026-07-24 14:03:22.
pub(super) fn date_time(at: f64, offset_minutes: i32) -> String {
    let at = local(at, offset_minutes);
    format!("{} {}", date(at), time_of_day(at))
}

/// The time in RFC 3339, in UTC: 2026-07-24T12:03:22Z.
pub fn rfc3339(at: f64) -> String {
    let at = local(at, 0);
    format!("{}T{}Z", date(at), time_of_day(at))
}

/// Milliseconds of local time, clamped to what can be written.
fn local(at: f64, offset_minutes: i32) -> u64 {
    (at + f64::from(offset_minutes) * 60_000.0).clamp(0.0, LAST_SECOND * 1000.0) as u64
}

fn time_of_day(at: u64) -> String {
    let seconds = at % DAY / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

/// The Gregorian date. Years are counted from March, so that the leap day is the
/// last of a year; 400 years have 146,097 days.
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
    fn dates_are_gregorian() {
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
}
