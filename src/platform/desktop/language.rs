//! The viewer's language, which is English here, and the calendar of a place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::platform::Language;

/// English.
pub fn language() -> Language {
    Language {
        tag: "en".into(),
        right_to_left: false,
        zero: "0".into(),
        short: "1,234".into(),
        long: "-1,234,567.8".into(),
        percent: "50%".into(),
    }
}

/// A place's clock.
pub struct Calendar(TimeZone);

impl Calendar {
    /// The calendar of an IANA time zone; the viewer's own for `None` and for
    /// a zone that is not known.
    pub fn new(zone: Option<&str>) -> Self {
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
        Self(zone.unwrap_or_else(TimeZone::system))
    }

    /// Always `None`: there are no words here.
    pub fn ago(&self, _count: u32, _unit: &str) -> Option<String> {
        None
    }

    /// The time of day of a moment, in milliseconds since the Unix epoch, on
    /// 24 hours.
    pub fn clock(&self, at: f64, seconds: bool) -> String {
        let format = if seconds { "%H:%M:%S" } else { "%H:%M" };
        self.local(at).strftime(format).to_string()
    }

    /// Date and time of day, exact to the second.
    pub fn moment(&self, at: f64) -> String {
        self.local(at).strftime("%F %T %Z").to_string()
    }

    /// The place's offset from UTC at a moment, in minutes, east positive.
    pub fn utc_offset(&self, at: f64) -> i32 {
        self.local(at).offset().seconds() / 60
    }

    /// What cannot be told is the epoch.
    fn local(&self, at: f64) -> jiff::ZonedDateTime {
        let at = Timestamp::from_millisecond(at as i64).unwrap_or_default();
        at.to_zoned_datetime(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_its_clock_and_its_summer() {
        let vienna = Calendar::new(Some("Europe/Vienna"));
        let (winter, summer) = (1_709_901_234_000.0, 1_720_000_000_000.0);
        assert_eq!(vienna.clock(winter, true), "13:33:54");
        assert_eq!(vienna.clock(winter, false), "13:33");
        assert_eq!(vienna.moment(winter), "2024-03-08 13:33:54 CET");
        assert_eq!(vienna.utc_offset(winter), 60);
        assert_eq!(vienna.utc_offset(summer), 120);
        assert_eq!(vienna.clock(f64::MAX, true).len(), 8);
    }
}
