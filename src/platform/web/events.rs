//! Event listeners that end when they are dropped.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen(module = "/src/platform/web/events.js")]
extern "C" {
    #[wasm_bindgen(js_name = Listener)]
    type Source;
    #[wasm_bindgen(constructor, js_class = Listener)]
    fn new(source: &str, callback: &Closure<dyn Fn(JsValue)>) -> Source;
    #[wasm_bindgen(method)]
    fn stop(this: &Source);

    #[wasm_bindgen(catch, js_name = isVisible)]
    fn visible() -> Result<bool, JsValue>;
}

/// Whether the page is visible.
pub fn is_visible() -> bool {
    visible().unwrap_or(true)
}

/// Reports changes of [`is_visible`].
pub struct VisibilityChanges(Listener);

impl VisibilityChanges {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        Self(Listener::new("visibility"))
    }

    /// The next value; the latest if there are several.
    pub async fn next(&mut self) -> bool {
        self.0.next().await == true
    }
}

/// Reports presses of Escape.
pub struct Escapes(Listener);

impl Escapes {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        Self(Listener::new("escape"))
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        self.0.next().await;
    }
}

/// Themes and ranges that messages from the page's own origin request:
/// `{"type":"theme-change","theme":…}` and `{"type":"range-change","range":…}`.
/// `assets/frame.js` passes on what a surrounding page requests.
pub struct PageMessages(Listener);

impl PageMessages {
    /// Starts listening; dropping stops it. Earlier messages are lost.
    pub fn listen() -> Self {
        Self(Listener::new("message"))
    }

    /// What the next message requests; the latest if there are several.
    pub async fn next(&mut self) -> String {
        self.0.next().await.as_string().unwrap_or_default()
    }
}

struct Listener {
    source: Source,
    _callback: Closure<dyn Fn(JsValue)>,
    latest: Rc<RefCell<Latest>>,
}

/// The latest value that was not taken yet, and the task waiting for one.
#[derive(Default)]
struct Latest {
    value: Option<JsValue>,
    waker: Option<Waker>,
}

impl Listener {
    fn new(source: &str) -> Self {
        let latest = Rc::new(RefCell::new(Latest::default()));
        let shared = latest.clone();
        let callback = Closure::new(move |value| {
            let mut latest = shared.borrow_mut();
            latest.value = Some(value);
            if let Some(waker) = latest.waker.take() {
                waker.wake();
            }
        });
        Self {
            source: Source::new(source, &callback),
            _callback: callback,
            latest,
        }
    }

    async fn next(&mut self) -> JsValue {
        poll_fn(|cx| {
            let mut latest = self.latest.borrow_mut();
            match latest.value.take() {
                Some(value) => Poll::Ready(value),
                None => {
                    latest.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.source.stop();
    }
}
