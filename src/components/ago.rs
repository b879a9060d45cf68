//! An age that stays current.

use dioxus::prelude::*;

use crate::components::Reactive;
use crate::model::format::Locale;

/// How long ago something was, in words. A component, so that a passing second
/// runs nothing else.
#[component]
pub(crate) fn Ago(
    /// When, in milliseconds since the Unix epoch by the viewer's clock.
    at: f64,
    /// The viewer's clock.
    now: Reactive<f64>,
    locale: Locale,
) -> Element {
    rsx! { {locale.ago(at, now())} }
}
