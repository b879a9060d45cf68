//! The viewer's language and time zone.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use live_dashboard_protocol::layout::Notation;

use super::Symbols;
use super::time::{self, Unit};

/// Words and calendars, from a browser or a library. Times are milliseconds since
/// the Unix epoch, shown in the dashboard's time zone.
pub trait Times {
    /// An age of `count` whole units: 2 min ago; "now" for 0 seconds.
    fn ago(&self, count: u32, unit: Unit) -> String;

    /// The time of day in 24 hours: 14:03:22, or 14:03 without seconds.
    fn clock(&self, at: f64, seconds: bool) -> String;

    /// The time of day in an IANA time zone: 14:03:22. Empty if the zone is not known.
    fn clock_in(&self, zone: &str, at: f64) -> String;

    /// The day of the year: Mar 8.
    fn day(&self, at: f64) -> String;

    /// Date and time of day, to the second.
    fn moment(&self, at: f64) -> String;

    /// The offset from UTC at this time, in minutes, east positive.
    fn utc_offset(&self, at: f64) -> i32;
}

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 8] = ["ar", "dv", "fa", "he", "ks", "ps", "ur", "yi"];

/// Whether the language of a BCP 47 tag is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    let language = tag.split('-').next().unwrap_or_default();
    RIGHT_TO_LEFT.contains(&language)
}

/// A viewer's language and time zone; cheap to clone.
#[derive(Clone)]
pub struct Locale(Rc<Parts>);

/// The parts of a [`Locale`].
pub struct Parts {
    /// The language's BCP 47 tag.
    pub tag: String,
    /// Whether it is written from right to left.
    pub right_to_left: bool,
    /// Its numbers.
    pub symbols: Symbols,
    /// Its times.
    pub times: Box<dyn Times>,
}

impl Locale {
    /// A locale with these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Rc::new(parts))
    }

    /// English, with a fixed UTC offset in minutes, east positive.
    pub fn english(utc_offset: i32) -> Self {
        Self::drawn(utc_offset, Vec::new(), false)
    }

    /// English words and a fixed UTC offset as in [`English`], on a page of the viewer's
    /// direction.
    pub fn drawn(utc_offset: i32, zones: Vec<(String, i32)>, right_to_left: bool) -> Self {
        Self::new(Parts {
            tag: "en".into(),
            right_to_left,
            symbols: Symbols::default(),
            times: Box::new(English { utc_offset, zones }),
        })
    }

    /// How long ago something was, in words. A time after `now` is "now", because
    /// clocks differ a little.
    pub fn ago(&self, then: f64, now: f64) -> String {
        let (count, unit) = time::age(then, now);
        self.times.ago(count, unit)
    }

    /// A value with its unit.
    pub fn value(&self, notation: &Notation, number: f64) -> String {
        self.symbols.value(notation, number).to_string()
    }
}

impl Deref for Locale {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl PartialEq for Locale {
    /// Whether both are the same instance: words cannot be compared.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locale").field(&self.tag).finish()
    }
}

/// English words and the Gregorian calendar with a fixed UTC offset: the fallback.
#[derive(Debug, Clone, Default)]
pub struct English {
    /// In minutes, east positive.
    pub utc_offset: i32,
    /// Further IANA time zones and their offsets.
    pub zones: Vec<(String, i32)>,
}

impl Times for English {
    fn ago(&self, count: u32, unit: Unit) -> String {
        match (count, unit) {
            (0, Unit::Second) => "now".to_owned(),
            (1, Unit::Day) => "1 day ago".to_owned(),
            (_, Unit::Day) => format!("{count} days ago"),
            (_, Unit::Second) => format!("{count} s ago"),
            (_, Unit::Minute) => format!("{count} min ago"),
            (_, Unit::Hour) => format!("{count} h ago"),
        }
    }

    fn clock(&self, at: f64, seconds: bool) -> String {
        let mut clock = time::clock(at, self.utc_offset);
        if !seconds {
            clock.truncate("14:03".len());
        }
        clock
    }

    fn clock_in(&self, zone: &str, at: f64) -> String {
        let mut zones = self.zones.iter();
        let known = zones.find(|(known, _)| known == zone);
        known.map_or_else(String::new, |(_, offset)| time::clock(at, *offset))
    }

    /// As a date: 2024-03-08.
    fn day(&self, at: f64) -> String {
        let mut day = self.moment(at);
        day.truncate("2024-03-08".len());
        day
    }

    fn moment(&self, at: f64) -> String {
        time::date_time(at, self.utc_offset)
    }

    fn utc_offset(&self, _at: f64) -> i32 {
        self.utc_offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_english() {
        let then = 1_709_901_234_000.0;
        let locale = Locale::english(0);
        for (seconds, expected) in [
            (-3600.0, "now"),
            (4.9, "now"),
            (5.0, "5 s ago"),
            (59.9, "59 s ago"),
            (125.0, "2 min ago"),
            (3600.0, "1 h ago"),
            (86_400.0, "1 day ago"),
            (8_640_000.0, "100 days ago"),
        ] {
            assert_eq!(locale.ago(then, then + seconds * 1000.0), expected);
        }
        assert_eq!(locale.ago(f64::NAN, then), "now");
    }

    #[test]
    fn times_have_the_offset_of_the_time_zone() {
        let at = 1_709_901_234_000.0;
        let clock = |offset, seconds| Locale::english(offset).times.clock(at, seconds);
        assert_eq!(clock(0, true), "12:33:54");
        assert_eq!(clock(60, false), "13:33");
        assert_eq!(clock(-750, true), "00:03:54");
        let moment = |offset| Locale::english(offset).times.moment(at);
        assert_eq!(moment(720), "2024-03-09 00:33:54");
        assert_eq!(moment(-780), "2024-03-07 23:33:54");
    }
}
