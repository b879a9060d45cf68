//! The browser's WebSocket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::Array;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::{SocketError, SocketEvent};

/// Codes that the browser reports if there was no Close frame or no code in it.
const NO_CODE: [u16; 2] = [1005, 1006];

#[wasm_bindgen(module = "/src/platform/web/socket.js")]
extern "C" {
    type Wire;

    #[wasm_bindgen(constructor)]
    fn new(url: &str, wake: &Closure<dyn Fn()>) -> Wire;

    #[wasm_bindgen(method)]
    fn take(this: &Wire) -> JsValue;

    #[wasm_bindgen(method)]
    fn send(this: &Wire, text: &str);

    #[wasm_bindgen(method)]
    fn close(this: &Wire);
}

/// A WebSocket; dropping it closes the connection.
pub struct Socket {
    wire: Wire,
    waker: Rc<RefCell<Option<Waker>>>,
    _wake: Closure<dyn Fn()>,
}

impl Socket {
    /// Connects to a `ws:` or `wss:` address.
    ///
    /// # Errors
    /// The browser does not allow the address, or the connection failed, for
    /// which the browser gives no reason.
    pub async fn open(url: &str) -> Result<Self, SocketError> {
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let waiting = waker.clone();
        let wake = Closure::new(move || {
            if let Some(waker) = waiting.take() {
                waker.wake();
            }
        });
        let socket = Self {
            wire: Wire::new(url, &wake),
            waker,
            _wake: wake,
        };
        match poll_fn(|cx| socket.poll_take(cx)).await.as_bool() {
            Some(true) => Ok(socket),
            Some(false) => Err(SocketError::Address),
            None => Err(SocketError::Connect("no connection".into())),
        }
    }

    /// Queues a text frame, which the browser sends.
    ///
    /// # Errors
    /// None: if the connection has ended, the next event says so.
    pub fn send(&mut self, text: String) -> Result<(), SocketError> {
        self.wire.send(&text);
        Ok(())
    }

    /// The next event.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<SocketEvent> {
        self.poll_take(cx).map(|event| {
            if let Some(text) = event.as_string() {
                return SocketEvent::Text(text);
            }
            let Some(closed) = event.dyn_ref::<Array>() else {
                return SocketEvent::Binary;
            };
            let code = closed.get(0).as_f64().map(|code| code as u16);
            SocketEvent::Closed {
                code: code.filter(|code| !NO_CODE.contains(code)),
                reason: closed.get(1).as_string().unwrap_or_default(),
            }
        })
    }

    fn poll_take(&self, cx: &mut Context<'_>) -> Poll<JsValue> {
        let event = self.wire.take();
        if event.is_undefined() {
            self.waker.replace(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        Poll::Ready(event)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.wire.close();
    }
}
