//! Calls by name, for browser APIs that are used in one place only: a typed
//! binding for each would make the page larger. A missing API or an exception
//! becomes an error or `undefined`, never a panic.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property; `undefined` if it is missing or cannot be read.
pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A property of the window, such as a class.
pub(super) fn global(name: &str) -> JsValue {
    get(&super::window(), name)
}

/// Sets a property.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// Calls a method.
pub(super) fn call(
    object: &JsValue,
    method: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let method: Function = get(object, method).dyn_into()?;
    Reflect::apply(&method, object, &array(arguments))
}

/// Calls a method and awaits the promise that it returns.
pub(super) async fn wait(
    object: &JsValue,
    method: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    Promise::resolve(&call(object, method, arguments)?).await
}

/// A new instance of a class.
pub(super) fn new(class: &JsValue, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let class: &Function = class.dyn_ref().ok_or(JsValue::UNDEFINED)?;
    Reflect::construct(class, &array(arguments))
}

/// A new object with these properties.
pub(super) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object.into()
}

fn array(items: &[JsValue]) -> Array {
    items.iter().collect()
}
