//! Replaces a window that no longer draws.
//!
//! Dioxus 0.7.10 sends what is to be drawn to the page over a WebSocket of its
//! own, on the loopback interface. When that connection breaks while drawings
//! are under way, they count as drawn, and what comes after them may not fit
//! the page any more: it stops in the middle, and with it everything that runs
//! in this window's virtual DOM (pull request 5812 of DioxusLabs/dioxus). The
//! same happens when the page's process dies. From within nothing can be done;
//! so the window's beats are counted from outside, by the event loop.

use std::rc::Rc;

use super::desk::Desk;

/// How many seconds without a beat are too many.
const TOO_MANY: u32 = 8;

/// What was seen of a window at the last look.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    beats: u64,
    seconds_without: u32,
}

impl Watch {
    /// Looks at a window's beats, once a second: whether it is time to replace
    /// it. Seconds are counted by looks, so that a process that was stopped
    /// with all its windows is not found frozen when it goes on.
    fn is_frozen(&mut self, beats: u64) -> bool {
        if self.beats == beats {
            self.seconds_without += 1;
        } else {
            self.beats = beats;
            self.seconds_without = 0;
        }
        self.seconds_without >= TOO_MANY
    }
}

/// Looks at the desk's windows once a second, on the thread of the windows,
/// for as long as the process lives.
#[cfg(target_os = "linux")]
pub(crate) fn begin(desk: &Rc<Desk>) {
    let desk = desk.clone();
    gtk::glib::timeout_add_local(std::time::Duration::from_secs(1), move || {
        look(&desk);
        gtk::glib::ControlFlow::Continue
    });
}

/// Nothing is known of such windows on other systems.
#[cfg(not(target_os = "linux"))]
pub(crate) fn begin(_desk: &Rc<Desk>) {}

#[cfg_attr(not(target_os = "linux"), expect(dead_code))]
fn look(desk: &Rc<Desk>) {
    desk.keep();
    let frozen = desk.find(|window| window.watch.is_frozen(window.beats.get()));
    for (window, start) in frozen {
        tracing::warn!("a window has not drawn for {TOO_MANY} s and is opened anew");
        desk.replace(&window, start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_frozen_after_some_seconds_and_not_before() {
        let mut watch = Watch::default();
        assert!((1..TOO_MANY).all(|_| !watch.is_frozen(0)));
        assert!(!watch.is_frozen(1), "it beats again");
        assert!((1..TOO_MANY).all(|_| !watch.is_frozen(1)));
        assert!(watch.is_frozen(1));
    }
}
