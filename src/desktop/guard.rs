//! Replaces a window that no longer draws.
//!
//! Dioxus 0.7.10 sends what is to be drawn to the page over a WebSocket of its
//! own, on the loopback interface. When that connection breaks while drawings
//! are under way, they count as drawn; after that the page may lack them, or
//! stand still for good, while the app believes it live (pull request 5812 of
//! DioxusLabs/dioxus), and the same happens when the page's process dies. So a
//! page makes no second connection (window.html), each window draws a beat once
//! a second, which its page has to answer, and who does not beat is opened anew.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use live_dashboard::platform;

use super::desk::Desk;

const SECOND: Duration = Duration::from_secs(1);

/// How many seconds without a beat are too many.
const TOO_MANY: u32 = 8;

/// Draws something new once a second, unseen, and counts how often the page
/// has told that it is there.
#[component]
pub(crate) fn Beat(beats: Rc<Cell<u64>>) -> Element {
    let mut drawn = use_signal(|| 0_u64);
    use_hook(|| {
        spawn(async move {
            loop {
                platform::sleep(SECOND).await;
                drawn += 1;
            }
        })
    });
    rsx! {
        for number in [drawn()] {
            i {
                key: "{number}",
                hidden: true,
                onmounted: {
                    let beats = beats.clone();
                    move |_| beats.set(number)
                },
            }
        }
    }
}

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
    gtk::glib::timeout_add_local(SECOND, move || {
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
