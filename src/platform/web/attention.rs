//! Notifications, sound, the tab's icon, and whether the viewer sees the page.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

use super::events::Listener;
use super::js::{call, get, global, new, object, set, wait};

/// Whether the page is visible.
pub fn is_visible() -> bool {
    get(&global("document"), "visibilityState") != "hidden"
}

/// Reports changes of [`is_visible`].
pub type VisibilityChanges = Listener<bool>;

impl Listener<bool> {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        let read = |_| Some(is_visible());
        Self::new(global("document"), "visibilitychange", read)
    }
}

/// Reports presses of Escape.
pub type Escapes = Listener<()>;

impl Listener<()> {
    /// Starts listening; dropping stops it.
    pub fn listen() -> Self {
        let read = |event| (get(&event, "key") == "Escape").then_some(());
        Self::new(global("document"), "keydown", read)
    }
}

/// Keeps the screen on, until it is dropped or the page is hidden.
pub struct WakeLock(JsValue);

impl WakeLock {
    /// Requests the lock; `None` if the browser does not allow it.
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

/// Whether the page may show notifications; asks the viewer if they have not
/// decided yet.
pub async fn may_notify() -> bool {
    let answer = wait(&global("Notification"), "requestPermission", &[]).await;
    answer.is_ok_and(|answer| answer == "granted")
}

/// Shows a system notification if the viewer allows it, in place of an earlier
/// one with the same tag.
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

/// Plays two short tones, if the browser allows sound.
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

/// Plays a fading tone; `pitch` is in Hertz, `delay` in seconds.
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

/// Sets the icon in the page's tab, an SVG image, unless it is set already.
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
