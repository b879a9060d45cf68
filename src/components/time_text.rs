//! A time that stays current.

use dioxus::prelude::*;

use crate::model::format::Locale;

/// How long ago something was, or the time of day. A component, so that a passing
/// second runs nothing else.
#[component]
pub(crate) fn TimeText(
    /// When it was, in milliseconds since the Unix epoch by the viewer's clock;
    /// `None` for the time of day.
    since: Option<f64>,
    /// The viewer's clock.
    now: Signal<f64>,
    locale: Locale,
) -> Element {
    let now = *now.read();
    let text = match since {
        Some(since) => locale.ago(since, now),
        None => locale.times.clock(now, false),
    };
    rsx! { {text} }
}
