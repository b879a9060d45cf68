//! The viewer's language, which is always English here, and a time zone's
//! calendar.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::platform::Language;

/// English.
pub fn language() -> Language {
    Language {
        tag: "en".into(),
        short: "1,234".into(),
        long: "-1,234,567.8".into(),
        percent: "50%".into(),
        compact: Vec::new(),
    }
}

/// A time zone's clock and calendar.
pub struct Calendar(TimeZone);

impl Calendar {
    /// The calendar of an IANA time zone; the system's for `None` and unknown
    /// zones.
    pub fn new(zone: Option<&str>) -> Self {
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
        Self(zone.unwrap_or_else(TimeZone::system))
    }

    /// Always `None`: there is no platform translation.
    pub fn ago(&self, _count: u32, _unit: &str) -> Option<String> {
        None
    }

    /// The time of day, on 24 hours; `at` is in milliseconds since the Unix
    /// epoch.
    pub fn clock(&self, at: f64, seconds: bool) -> String {
        let format = if seconds { "%H:%M:%S" } else { "%H:%M" };
        self.local(at).strftime(format).to_string()
    }

    /// The day of the year.
    pub fn day(&self, at: f64) -> String {
        self.local(at).strftime("%b %-d").to_string()
    }

    /// The date and time of day, to the second.
    pub fn moment(&self, at: f64) -> String {
        self.local(at).strftime("%F %T %Z").to_string()
    }

    /// The zone's offset from UTC, in minutes, positive to the east.
    pub fn utc_offset(&self, at: f64) -> i32 {
        self.local(at).offset().seconds() / 60
    }

    /// Times out of range become the Unix epoch.
    fn local(&self, at: f64) -> jiff::ZonedDateTime {
        let at = Timestamp::from_millisecond(at as i64).unwrap_or_default();
        at.to_zoned_datetime(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_observes_daylight_saving() {
        let vienna = Calendar::new(Some("Europe/Vienna"));
        let (winter, summer) = (1_709_901_234_000.0, 1_720_000_000_000.0);
        assert_eq!(vienna.clock(winter, true), "13:33:54");
        assert_eq!(vienna.clock(winter, false), "13:33");
        assert_eq!(vienna.day(winter), "Mar 8");
        assert_eq!(vienna.moment(winter), "2024-03-08 13:33:54 CET");
        assert_eq!(vienna.utc_offset(winter), 60);
        assert_eq!(vienna.utc_offset(summer), 120);
        assert_eq!(vienna.clock(f64::MAX, true).len(), 8);
    }
}
