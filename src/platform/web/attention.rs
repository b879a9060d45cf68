//! What draws the viewer's attention, and what tells whether it is there.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

use super::events::Listener;
use super::js::{call, get, global, new, object, set, wait};

/// Whether the page can be seen.
pub fn is_visible() -> bool {
    get(&global("document"), "visibilityState") != "hidden"
}

/// Tells whenever the page comes into sight or leaves it.
pub struct VisibilityChanges(Listener<bool>);

impl VisibilityChanges {
    /// Listens from now on, until dropped.
    pub fn listen() -> Self {
        let read = |_| Some(is_visible());
        Self(Listener::new(global("document"), "visibilitychange", read))
    }

    /// The next change: whether the page can be seen.
    pub async fn next(&mut self) -> bool {
        self.0.next().await
    }
}

/// Tells whenever the viewer presses Escape.
pub struct Escapes(Listener<()>);

impl Escapes {
    /// Listens from now on, until dropped.
    pub fn listen() -> Self {
        let read = |event| (get(&event, "key") == "Escape").then_some(());
        Self(Listener::new(global("document"), "keydown", read))
    }

    /// The next time.
    pub async fn next(&mut self) {
        self.0.next().await;
    }
}

/// Keeps the screen from going dark, until dropped or out of sight.
pub struct WakeLock(JsValue);

impl WakeLock {
    /// Asks for it; `None` where the browser does not allow it.
    pub async fn request() -> Option<Self> {
        let locks = get(&global("navigator"), "wakeLock");
        let lock = wait(&locks, "request", &["screen".into()]).await;
        lock.ok().map(Self)
    }
}

impl Drop for WakeLock {
    fn drop(&mut self) {
        let _ = call(&self.0, "release", &[]);
    }
}

/// Asks the viewer, where that was not done yet, whether the page may send
/// notifications.
pub async fn may_notify() -> bool {
    let answer = wait(&global("Notification"), "requestPermission", &[]).await;
    answer.is_ok_and(|answer| answer == "granted")
}

/// Sends a notification by the system, if the viewer allowed it. A later one
/// of the same tag takes its place.
pub fn notify(title: &str, body: &str, tag: &str) {
    let options = object(&[("body", body.into()), ("tag", tag.into())]);
    if let Ok(notification) = new(&global("Notification"), &[title.into(), options]) {
        // A click brings the page to the front.
        let window: JsValue = super::window().into();
        if let Ok(focus) = call(&get(&window, "focus"), "bind", &[window]) {
            set(&notification, "onclick", &focus);
        }
    }
}

/// Two short tones, if the browser lets the page sound.
pub fn chime() {
    thread_local! {
        static CONTEXT: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    }
    let context = CONTEXT.with_borrow_mut(|context| {
        if context.is_none() {
            *context = new(&global("AudioContext"), &[]).ok();
        }
        context.clone()
    });
    if let Some(context) = context {
        let _ = call(&context, "resume", &[]);
        for (pitch, delay) in [(880.0, 0.0), (660.0, 0.18)] {
            let _ = tone(&context, pitch, delay);
        }
    }
}

/// A tone of so many Hertz after so many seconds, which fades at once.
fn tone(context: &JsValue, pitch: f64, delay: f64) -> Result<(), JsValue> {
    let start = get(context, "currentTime").as_f64().unwrap_or(0.0) + delay;
    let oscillator = call(context, "createOscillator", &[])?;
    let gain = call(context, "createGain", &[])?;
    set(&get(&oscillator, "frequency"), "value", &pitch.into());
    let volume = get(&gain, "gain");
    call(&volume, "setValueAtTime", &[0.2.into(), start.into()])?;
    let end = JsValue::from(start + 0.4);
    call(
        &volume,
        "exponentialRampToValueAtTime",
        &[0.001.into(), end.clone()],
    )?;
    call(&oscillator, "connect", std::slice::from_ref(&gain))?;
    call(&gain, "connect", &[get(context, "destination")])?;
    call(&oscillator, "start", &[start.into()])?;
    call(&oscillator, "stop", &[end])?;
    Ok(())
}

/// Sets the icon in the page's tab, an SVG image; one that it has already is
/// left alone.
pub fn set_icon(svg: &str) {
    let icon = call(
        &global("document"),
        "querySelector",
        &["link[rel=icon]".into()],
    );
    if let Ok(icon) = icon {
        let address = format!("data:image/svg+xml,{}", svg.replace('#', "%23"));
        if get(&icon, "href") != address.as_str() {
            set(&icon, "href", &address.into());
        }
    }
}
