//! Events of the page, listened to for as long as somebody wants them.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::js;

/// Listens to one kind of event of one target, until dropped.
pub(super) struct Listener<T> {
    target: JsValue,
    event: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
    latest: Rc<RefCell<Latest<T>>>,
}

/// The latest news that nobody has taken, and who waits for it.
struct Latest<T> {
    news: Option<T>,
    waker: Option<Waker>,
}

impl<T: 'static> Listener<T> {
    /// Listens from now on. `read` makes news of an event, or ignores it.
    pub(super) fn new(
        target: JsValue,
        event: &'static str,
        read: impl Fn(JsValue) -> Option<T> + 'static,
    ) -> Self {
        let latest = Rc::new(RefCell::new(Latest {
            news: None,
            waker: None,
        }));
        let told = latest.clone();
        let closure = Closure::new(move |event| {
            let Some(news) = read(event) else { return };
            let mut told = told.borrow_mut();
            told.news = Some(news);
            if let Some(waker) = told.waker.take() {
                waker.wake();
            }
        });
        let listener = Self {
            target,
            event,
            closure,
            latest,
        };
        listener.tell_target("addEventListener");
        listener
    }

    /// The next news; the latest of several.
    pub(super) async fn next(&mut self) -> T {
        poll_fn(|cx| {
            let mut latest = self.latest.borrow_mut();
            match latest.news.take() {
                Some(news) => Poll::Ready(news),
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
    fn tell_target(&self, method: &str) {
        let closure: &JsValue = self.closure.as_ref().unchecked_ref();
        let _ = js::call(&self.target, method, &[self.event.into(), closure.clone()]);
    }
}

impl<T> Drop for Listener<T> {
    fn drop(&mut self) {
        self.tell_target("removeEventListener");
    }
}
