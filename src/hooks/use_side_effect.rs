//! Effects.

use dioxus::prelude::*;

/// Dioxus' `use_effect`, boxed: the page has the code once, and not once for
/// each effect.
pub(crate) fn use_side_effect(effect: impl FnMut() + 'static) {
    let effect: Box<dyn FnMut()> = Box::new(effect);
    use_effect(effect);
}
