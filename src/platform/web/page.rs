//! The page around the dashboard.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/web/page.js")]
extern "C" {
    /// A parameter in the query of the page's address.
    #[wasm_bindgen(js_name = queryParameter)]
    pub fn query_parameter(name: &str) -> Option<String>;
    /// The page's address up to its last `/`: a proxy may serve the hub below a path.
    #[wasm_bindgen(js_name = pageDirectory)]
    pub fn page_directory() -> String;
    /// The query of the page's address without the dashboard's name.
    #[wasm_bindgen(js_name = otherSettings)]
    pub fn other_settings() -> Option<String>;
    /// Sets the page's title, unless it is set already.
    #[wasm_bindgen(js_name = setTitle)]
    pub fn set_title(title: &str);
    /// Moves the keyboard focus to the first element that matches a selector.
    pub fn focus(selector: &str);
    #[wasm_bindgen(catch, js_name = reload)]
    fn load_again() -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = isFramed)]
    fn framed() -> Result<bool, JsValue>;
    /// The text of the page's element of this id.
    pub fn embedded(id: &str) -> Option<String>;
    #[wasm_bindgen(catch, js_name = loadedAt)]
    fn response_start() -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_name = adoptStylesheet)]
    fn adopt(css: &str, id: &str) -> Result<(), JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// Writes one line to the browser's console.
    #[wasm_bindgen(js_namespace = console)]
    pub fn warn(line: &str);
}

/// Reloads the page.
pub fn reload() {
    let _ = load_again();
}

/// Whether another page embeds this one.
pub fn is_framed() -> bool {
    framed().unwrap_or_default()
}

/// When the page's HTML began to arrive, in milliseconds since the Unix epoch by the
/// viewer's clock. (`performance.timeOrigin` may be by another one.)
pub fn loaded_at() -> f64 {
    response_start().unwrap_or_else(|_| super::now())
}

/// Adds a stylesheet to the page, once, unless the element of this id has it; `false`
/// if the browser cannot.
pub fn adopt_stylesheet(css: &str, id: &str) -> bool {
    adopt(css, id).is_ok()
}
