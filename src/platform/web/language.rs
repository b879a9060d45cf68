//! The viewer's language and calendar, as the browser's `Intl` knows them.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::Language;

#[wasm_bindgen(module = "/src/platform/web/language.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = language)]
    fn samples() -> Result<String, JsValue>;

    #[wasm_bindgen(js_name = Calendar)]
    type Intl;
    #[wasm_bindgen(constructor, js_class = Calendar)]
    fn new(zone: Option<&str>) -> Intl;
    #[wasm_bindgen(method, catch)]
    fn ago(this: &Intl, count: u32, unit: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn clock(this: &Intl, at: f64, seconds: bool) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn day(this: &Intl, at: f64) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn moment(this: &Intl, at: f64) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = utcOffset)]
    fn utc_offset(this: &Intl, at: f64) -> Result<i32, JsValue>;
}

/// The viewer's language; English if the browser cannot tell.
pub fn language() -> Language {
    let samples = samples().unwrap_or_else(|_| "en".into());
    let mut samples = samples.split('\n').map(str::to_owned);
    let mut next = || samples.next().unwrap_or_default();
    Language {
        tag: next(),
        short: next(),
        long: next(),
        percent: next(),
        compact: samples.collect(),
    }
}

/// Ages in the viewer's language, and a time zone's clock and calendar. Texts of times that
/// cannot be written are empty.
pub struct Calendar(Intl);

impl Calendar {
    /// The calendar of an IANA time zone; the browser's for `None` and unknown
    /// zones.
    pub fn new(zone: Option<&str>) -> Self {
        Self(Intl::new(zone))
    }

    /// An age as text, such as “5 min ago”; `unit` is `second`, `minute`, `hour`
    /// or `day`. `None` if the browser cannot.
    pub fn ago(&self, count: u32, unit: &str) -> Option<String> {
        self.0.ago(count, unit).ok()
    }

    /// The time of day, on 24 hours; `at` is in milliseconds since the Unix
    /// epoch.
    pub fn clock(&self, at: f64, seconds: bool) -> String {
        self.0.clock(at, seconds).unwrap_or_default()
    }

    /// The day of the year.
    pub fn day(&self, at: f64) -> String {
        self.0.day(at).unwrap_or_default()
    }

    /// The date and time of day, to the second.
    pub fn moment(&self, at: f64) -> String {
        self.0.moment(at).unwrap_or_default()
    }

    /// The zone's offset from UTC, in minutes, positive to the east.
    pub fn utc_offset(&self, at: f64) -> i32 {
        self.0.utc_offset(at).unwrap_or_default()
    }
}
