//! The viewer's language and the dashboard's time zone.

use dioxus::prelude::*;

use crate::model::format::{English, Locale, Parts, Symbols, Times, Unit};
use crate::platform::{self, Calendar};

/// The viewer's language, and the clock of a time zone: the viewer's own when
/// `None`.
pub fn use_locale(zone: Option<String>) -> Locale {
    let mut known = use_hook(|| CopyValue::new(None::<(Option<String>, Locale)>));
    if let Some((of, locale)) = &*known.read()
        && *of == zone
    {
        return locale.clone();
    }
    let locale = locale(zone.as_deref());
    known.set(Some((zone, locale.clone())));
    locale
}

fn locale(zone: Option<&str>) -> Locale {
    let language = platform::language();
    Locale::new(Parts {
        symbols: Symbols::read_off(
            &language.zero,
            &language.short,
            &language.long,
            &language.percent,
        ),
        tag: language.tag,
        right_to_left: language.right_to_left,
        times: Box::new(PlatformTimes(Calendar::new(zone))),
    })
}

/// The platform's calendar, with English words where it has none.
struct PlatformTimes(Calendar);

impl Times for PlatformTimes {
    fn ago(&self, count: u32, unit: Unit) -> String {
        let words = self.0.ago(count, unit.as_str());
        words.unwrap_or_else(|| English { utc_offset: 0 }.ago(count, unit))
    }

    fn clock(&self, at: f64, seconds: bool) -> String {
        self.0.clock(at, seconds)
    }

    fn moment(&self, at: f64) -> String {
        self.0.moment(at)
    }

    fn utc_offset(&self, at: f64) -> i32 {
        self.0.utc_offset(at)
    }
}
