//! The viewer's language and the dashboard's time zone.

use std::time::Duration;

use dioxus::prelude::*;

use super::{Feed, use_side_effect};
use crate::model::Connection;
use crate::model::format::{English, Locale, Parts, Symbols, Times, Unit};
use crate::platform::{self, Calendar};

/// The viewer's language, with the clock of the layout's time zone or else the
/// viewer's own; `drawn` in the first draw.
pub(crate) fn use_locale(feed: Feed, drawn: Option<Locale>) -> Signal<Locale> {
    // The zone of the viewer's locale, once that is known.
    let mut zone = use_hook(|| CopyValue::new(drawn.is_none().then_some(None)));
    let mut known = use_signal(|| drawn.unwrap_or_else(|| locale(None)));
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
        tag: language.tag,
        right_to_left: language.right_to_left,
        times: Box::new(PlatformTimes(Calendar::new(zone))),
    })
}

/// The platform's calendar, with English words if it has none.
struct PlatformTimes(Calendar);

impl Times for PlatformTimes {
    fn ago(&self, count: u32, unit: Unit) -> String {
        let words = self.0.ago(count, unit.as_str());
        words.unwrap_or_else(|| English { utc_offset: 0 }.ago(count, unit))
    }

    fn clock(&self, at: f64, seconds: bool) -> String {
        self.0.clock(at, seconds)
    }

    fn day(&self, at: f64) -> String {
        self.0.day(at)
    }

    fn moment(&self, at: f64) -> String {
        self.0.moment(at)
    }

    fn utc_offset(&self, at: f64) -> i32 {
        self.0.utc_offset(at)
    }
}
