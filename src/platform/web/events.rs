//! Event listeners that end when they are dropped.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::js;

/// Listens to one type of event of one target.
pub struct Listener<T> {
    target: JsValue,
    event: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
    latest: Rc<RefCell<Latest<T>>>,
}

/// The latest value that was not taken yet, and the task waiting for one.
struct Latest<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T: 'static> Listener<T> {
    /// Starts listening. `read` extracts a value from an event, or ignores it.
    pub(super) fn new(
        target: JsValue,
        event: &'static str,
        read: impl Fn(JsValue) -> Option<T> + 'static,
    ) -> Self {
        let latest = Rc::new(RefCell::new(Latest {
            value: None,
            waker: None,
        }));
        let shared = latest.clone();
        let closure = Closure::new(move |event| {
            let Some(value) = read(event) else { return };
            let mut latest = shared.borrow_mut();
            latest.value = Some(value);
            if let Some(waker) = latest.waker.take() {
                waker.wake();
            }
        });
        let listener = Self {
            target,
            event,
            closure,
            latest,
        };
        listener.call_target("addEventListener");
        listener
    }

    /// The next value; the latest if there are several.
    pub async fn next(&mut self) -> T {
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

impl<T> Listener<T> {
    fn call_target(&self, method: &str) {
        let closure: &JsValue = self.closure.as_ref().unchecked_ref();
        let _ = js::call(&self.target, method, &[self.event.into(), closure.clone()]);
    }
}

impl<T> Drop for Listener<T> {
    fn drop(&mut self) {
        self.call_target("removeEventListener");
    }
}
