//! A window's keys, before the page gets them.
//!
//! They come from the toolkit, not from the event loop, which would report a key
//! twice if the page does not use it.

use dioxus::desktop::DesktopService;
use tokio::sync::mpsc;

use super::command::Command;

/// The number of keys that can wait for a busy window; more are lost.
const MAX_PENDING: usize = 16;

/// Receives the commands of the keys that the viewer presses, starting now.
#[cfg(target_os = "linux")]
pub(crate) fn listen(window: &DesktopService) -> mpsc::Receiver<Command> {
    use dioxus::desktop::tao::platform::unix::WindowExtUnix;
    use gtk::gdk::ModifierType;
    use gtk::glib::Propagation;
    use gtk::prelude::WidgetExt;

    let (pressed, commands) = mpsc::channel(MAX_PENDING);
    window.gtk_window().connect_key_press_event(move |_, key| {
        let state = key.state();
        if state.intersects(ModifierType::MOD1_MASK | ModifierType::SUPER_MASK) {
            return Propagation::Proceed;
        }
        let control = state.contains(ModifierType::CONTROL_MASK);
        let name = key.keyval().name();
        match name.and_then(|name| Command::from_key(&name, control)) {
            Some(command) => {
                let _ = pressed.try_send(command);
                match command {
                    // The page handles it too.
                    Command::Back => Propagation::Proceed,
                    _ => Propagation::Stop,
                }
            }
            None => Propagation::Proceed,
        }
    });
    commands
}

/// Not implemented for this system: the menu has all commands.
#[cfg(not(target_os = "linux"))]
pub(crate) fn listen(_window: &DesktopService) -> mpsc::Receiver<Command> {
    mpsc::channel(MAX_PENDING).1
}
