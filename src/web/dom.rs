//! The functions of `dom.js`.
//!
//! Ids are `u32`: a function that takes no other numbers than `i32` would be imported
//! by the wasm itself, past the bundled glue.

use wasm_bindgen::prelude::*;

/// The id of the node that was created last, such as one of a template.
pub(super) const LAST: u32 = u32::MAX;

#[wasm_bindgen(module = "/src/web/dom.js")]
extern "C" {
    pub(super) fn expect(id: u32, name: &str, text: Option<&str>);
    #[wasm_bindgen(js_name = takeOver)]
    pub(super) fn take_over(root: u32) -> bool;
    pub(super) fn clear(id: u32);

    #[wasm_bindgen(js_name = createElement)]
    pub(super) fn create_element(tag: &str, namespace: Option<&str>);
    pub(super) fn close(count: usize);
    #[wasm_bindgen(js_name = saveTemplate)]
    pub(super) fn save_template(count: usize);
    #[wasm_bindgen(js_name = cloneTemplate)]
    pub(super) fn clone_template(template: usize, root: usize, id: u32);

    #[wasm_bindgen(js_name = createText)]
    pub(super) fn create_text(text: &str, id: u32);
    #[wasm_bindgen(js_name = createPlaceholder)]
    pub(super) fn create_placeholder(id: u32);
    pub(super) fn push(id: u32);
    #[wasm_bindgen(js_name = assignId)]
    pub(super) fn assign_id(path: &[u8], id: u32);
    pub(super) fn place(id: u32, way: u8, count: usize);
    #[wasm_bindgen(js_name = replaceAt)]
    pub(super) fn replace_at(path: &[u8], count: usize);
    pub(super) fn remove(id: u32);
    #[wasm_bindgen(js_name = setText)]
    pub(super) fn set_text(id: u32, text: &str);
    #[wasm_bindgen(js_name = setAttribute)]
    pub(super) fn set_attribute(id: u32, name: &JsValue, is_style: bool, value: JsValue);

    #[wasm_bindgen(js_name = handleEvents)]
    pub(super) fn handle_events(
        types: &str,
        handler: &Closure<dyn Fn(String, u32, bool, DomEvent) -> bool>,
    );
    pub(super) fn listen(id: u32, event: &JsValue);
    #[wasm_bindgen(js_name = stopListening)]
    pub(super) fn stop_listening(id: u32, event: &JsValue);

    /// An event, or what `dom.js` makes of a new size.
    #[derive(Clone)]
    pub(super) type DomEvent;
    #[wasm_bindgen(js_name = fieldValue)]
    pub(super) fn field_value(event: &DomEvent) -> String;
    #[wasm_bindgen(method, getter, js_name = pointerType)]
    pub(super) fn pointer_type(this: &DomEvent) -> String;
    #[wasm_bindgen(method, getter, js_name = offsetX)]
    pub(super) fn offset_x(this: &DomEvent) -> f64;
    #[wasm_bindgen(method, getter, js_name = offsetY)]
    pub(super) fn offset_y(this: &DomEvent) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn width(this: &DomEvent) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn height(this: &DomEvent) -> f64;
}
