//! A window's keys, before the page has them.
//!
//! They are heard from the toolkit itself: the page gives back each key that it
//! has no use for, and so the event loop hears it twice.

use dioxus::desktop::DesktopService;
use tokio::sync::mpsc;

use super::command::Command;

/// How many keys may wait for a window that is busy; more are lost.
const WAITING: usize = 16;

/// What the viewer asks for by key, from now on.
#[cfg(target_os = "linux")]
pub(crate) fn listen(window: &DesktopService) -> mpsc::Receiver<Command> {
    use dioxus::desktop::tao::platform::unix::WindowExtUnix;
    use gtk::gdk::ModifierType;
    use gtk::glib::Propagation;
    use gtk::prelude::WidgetExt;

    let (pressed, commands) = mpsc::channel(WAITING);
    window.gtk_window().connect_key_press_event(move |_, key| {
        let state = key.state();
        if state.intersects(ModifierType::MOD1_MASK | ModifierType::SUPER_MASK) {
            return Propagation::Proceed;
        }
        let control = state.contains(ModifierType::CONTROL_MASK);
        let name = key.keyval().name();
        match name.and_then(|name| Command::of_key(&name, control)) {
            Some(command) => {
                let _ = pressed.try_send(command);
                match command {
                    // The page may have a use for it too.
                    Command::Back => Propagation::Proceed,
                    _ => Propagation::Stop,
                }
            }
            None => Propagation::Proceed,
        }
    });
    commands
}

/// Not made for this system yet: the menu has it all.
#[cfg(not(target_os = "linux"))]
pub(crate) fn listen(_window: &DesktopService) -> mpsc::Receiver<Command> {
    mpsc::channel(WAITING).1
}
