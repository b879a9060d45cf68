//! The viewer's language and calendar, as the browser's `Intl` knows them.

use js_sys::Date;
use wasm_bindgen::JsValue;

use super::js::{call, get, global, new, object};
use crate::platform::Language;

/// The viewer's language.
pub fn language() -> Language {
    let format = |number: f64, options: &[(&str, JsValue)]| {
        let formatter = formatter("NumberFormat", options).unwrap_or_default();
        text(call(&formatter, "format", &[number.into()]))
    };
    let compact = formatter("NumberFormat", &[("notation", "compact".into())]);
    let compact = compact.unwrap_or_default();
    let powers = (3..15).map(|power| {
        let power = 10_u64.pow(power) as f64;
        text(call(&compact, "format", &[power.into()]))
    });
    let tag = formatter("NumberFormat", &[])
        .and_then(|formatter| call(&formatter, "resolvedOptions", &[]))
        .ok()
        .and_then(|options| get(&options, "locale").as_string())
        .unwrap_or_else(|| "en".into());
    Language {
        short: format(1234.0, &[]),
        long: format(-1_234_567.8, &[]),
        percent: format(0.5, &[("style", "percent".into())]),
        compact: powers.collect(),
        tag,
    }
}

/// Ages in the viewer's language, and a time zone's clock and calendar.
pub struct Calendar {
    ages: JsValue,
    clock: JsValue,
    clock_to_the_second: JsValue,
    day: JsValue,
    moment: JsValue,
    /// Formats the offset from UTC; `None` for the browser's own zone, whose
    /// offset `Date` knows.
    offset: Option<JsValue>,
}

impl Calendar {
    /// The calendar of an IANA time zone; the browser's for `None` and unknown
    /// zones.
    pub fn new(zone: Option<&str>) -> Self {
        let known = zone.filter(|zone| dates(Some(zone), &[]).is_ok());
        let hour = [
            ("hourCycle", "h23".into()),
            ("hour", "2-digit".into()),
            ("minute", "2-digit".into()),
        ];
        let second = [("second", "2-digit".into())];
        let ages = [("style", "short".into()), ("numeric", "auto".into())];
        let day = [("month", "short".into()), ("day", "numeric".into())];
        let moment = [("dateStyle", "medium".into()), ("timeStyle", "long".into())];
        let offset = ("timeZoneName", "longOffset".into());
        Self {
            ages: formatter("RelativeTimeFormat", &ages).unwrap_or_default(),
            clock: dates(known, &hour).unwrap_or_default(),
            clock_to_the_second: dates(known, &[&hour[..], &second[..]].concat())
                .unwrap_or_default(),
            day: dates(known, &day).unwrap_or_default(),
            moment: dates(known, &moment).unwrap_or_default(),
            offset: known.and_then(|zone| {
                let options = object(&[("timeZone", zone.into()), offset]);
                new(&intl("DateTimeFormat"), &["en-US".into(), options]).ok()
            }),
        }
    }

    /// An age as text, such as “5 min ago”; `unit` is `second`, `minute`, `hour`
    /// or `day`. `None` if the browser cannot.
    pub fn ago(&self, count: u32, unit: &str) -> Option<String> {
        let arguments = [(-f64::from(count)).into(), unit.into()];
        call(&self.ages, "format", &arguments).ok()?.as_string()
    }

    /// The time of day, on 24 hours; `at` is in milliseconds since the Unix
    /// epoch.
    pub fn clock(&self, at: f64, seconds: bool) -> String {
        let formatter = if seconds {
            &self.clock_to_the_second
        } else {
            &self.clock
        };
        text(call(formatter, "format", &[at.into()]))
    }

    /// The day of the year.
    pub fn day(&self, at: f64) -> String {
        text(call(&self.day, "format", &[at.into()]))
    }

    /// The date and time of day, to the second.
    pub fn moment(&self, at: f64) -> String {
        text(call(&self.moment, "format", &[at.into()]))
    }

    /// The zone's offset from UTC, in minutes, positive to the east.
    pub fn utc_offset(&self, at: f64) -> i32 {
        let Some(offset) = &self.offset else {
            return -(Date::new(&at.into()).get_timezone_offset() as i32);
        };
        parse_offset(&text(call(offset, "format", &[at.into()])))
    }
}

/// The offset at the end of `3/8/2024, GMT+05:45`, in minutes; 0 for `GMT`
/// alone.
fn parse_offset(text: &str) -> i32 {
    let (_, offset) = text.split_once('T').unwrap_or_default();
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
    let hours: i32 = hours.parse().unwrap_or(0);
    let minutes: i32 = minutes.parse().unwrap_or(0);
    hours * 60
        + if offset.starts_with('-') {
            -minutes
        } else {
            minutes
        }
}

/// A formatter for dates of a time zone.
fn dates(zone: Option<&str>, options: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let zone = zone.map(|zone| ("timeZone", zone.into()));
    let options: Vec<_> = options.iter().cloned().chain(zone).collect();
    formatter("DateTimeFormat", &options)
}

fn formatter(class: &str, options: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let digits = ("numberingSystem", "latn".into());
    let options: Vec<_> = options.iter().cloned().chain([digits]).collect();
    new(&intl(class), &[JsValue::UNDEFINED, object(&options)])
}

fn intl(class: &str) -> JsValue {
    get(&global("Intl"), class)
}

fn text(value: Result<JsValue, JsValue>) -> String {
    value
        .ok()
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}
