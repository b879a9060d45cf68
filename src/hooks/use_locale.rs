//! The viewer's language and the dashboard's time zone.

use std::cell::RefCell;
use std::time::Duration;

use dioxus::prelude::*;

use super::{Feed, use_side_effect, use_value};
use crate::model::Connection;
use crate::model::format::{English, Locale, Parts, Symbols, Times, Unit, is_right_to_left};
use crate::platform::{self, Calendar};

/// The viewer's language, with the clock of the layout's time zone or else the
/// viewer's own; `drawn` in the first draw.
pub(crate) fn use_locale(feed: Feed, drawn: Option<Locale>) -> Signal<Locale> {
    // The zone of the viewer's locale, once that is known.
    let mut zone = use_value(|| CopyValue::new(drawn.is_none().then_some(None)));
    let mut known = use_value(|| Signal::new(drawn.unwrap_or_else(|| locale(None))));
    let mut adopt = move |wanted: Option<String>| {
        known.set(locale(wanted.as_deref()));
        zone.set(Some(wanted));
    };
    use_side_effect(move || {
        let wanted = feed.layout.read().time_zone.clone();
        let is_connecting = *feed.connection.read() == Connection::Connecting;
        let known = zone.read().clone();
        if known.is_none() && is_connecting {
            return;
        }
        if known.is_none() {
            spawn(async move {
                platform::sleep(PAUSE).await;
                adopt(feed.layout.peek().time_zone.clone());
            });
        } else if known != Some(wanted.clone()) {
            adopt(wanted);
        }
    });
    known
}

/// How long a drawn page keeps the hub's language and clock once it has connected: to
/// find out the viewer's takes long, and that it is live is to be seen first.
const PAUSE: Duration = Duration::from_millis(100);

fn locale(zone: Option<&str>) -> Locale {
    let language = platform::language();
    Locale::new(Parts {
        symbols: Symbols::read_off(
            &language.short,
            &language.long,
            &language.percent,
            &language.compact,
        ),
        right_to_left: is_right_to_left(&language.tag),
        tag: language.tag,
        times: Box::new(PlatformTimes {
            calendar: Calendar::new(zone),
            zones: RefCell::default(),
        }),
    })
}

/// The platform's calendar, with English words if it has none.
struct PlatformTimes {
    calendar: Calendar,
    /// Those of clocks with a time zone of their own.
    zones: RefCell<Vec<(String, Calendar)>>,
}

impl Times for PlatformTimes {
    fn ago(&self, count: u32, unit: Unit) -> String {
        let words = self.calendar.ago(count, unit.as_str());
        words.unwrap_or_else(|| English::default().ago(count, unit))
    }

    fn clock(&self, at: f64, seconds: bool) -> String {
        self.calendar.clock(at, seconds)
    }

    fn clock_in(&self, zone: &str, at: f64) -> String {
        let mut zones = self.zones.borrow_mut();
        let known = zones.iter().position(|(known, _)| known == zone);
        let place = known.unwrap_or_else(|| {
            zones.push((zone.to_owned(), Calendar::new(Some(zone))));
            zones.len() - 1
        });
        zones[place].1.clock(at, true)
    }

    fn day(&self, at: f64) -> String {
        self.calendar.day(at)
    }

    fn moment(&self, at: f64) -> String {
        self.calendar.moment(at)
    }

    fn utc_offset(&self, at: f64) -> i32 {
        self.calendar.utc_offset(at)
    }
}
