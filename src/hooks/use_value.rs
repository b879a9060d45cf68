//! What a component keeps.

use std::any::Any;
use std::rc::Rc;

use dioxus::prelude::*;

/// Dioxus' `use_hook`, boxed: the page has the code once, and not once for each
/// type of value.
pub(crate) fn use_value<T: Clone + 'static>(first: impl FnOnce() -> T) -> T {
    let first: Box<dyn FnOnce() -> Rc<dyn Any> + '_> = Box::new(|| Rc::new(first()));
    let kept = use_hook(first);
    let value = kept.downcast_ref::<T>().cloned();
    value.expect("a hook keeps the type of its value")
}
