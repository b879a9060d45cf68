//! Detects windows that no longer draw.
//!
//! Dioxus 0.7.10 sends drawings to the page over a WebSocket on the loopback
//! interface. If that connection breaks while drawings are in flight, Dioxus
//! counts them as drawn; the page may then miss them or freeze for good, while
//! the app considers it live (pull request 5812 of DioxusLabs/dioxus). The same
//! happens when the page's process dies. Therefore a page makes no second
//! connection (window.html), each window draws a heartbeat once a second, which
//! its page has to acknowledge, and a window without heartbeat is replaced.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use live_dashboard::platform;

const INTERVAL: Duration = Duration::from_secs(1);

/// The number of checks without a heartbeat after which a window is frozen.
pub(crate) const MAX_MISSED: u32 = 8;

/// Draws something invisible once a second; `acknowledged` is the number of the
/// last drawing that the page has acknowledged.
#[component]
pub(crate) fn Heartbeat(acknowledged: Rc<Cell<u64>>) -> Element {
    let mut drawn = use_signal(|| 0_u64);
    use_hook(|| {
        spawn(async move {
            loop {
                platform::sleep(INTERVAL).await;
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
                    let acknowledged = acknowledged.clone();
                    move |_| acknowledged.set(number)
                },
            }
        }
    }
}

/// A window's watchdog.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    acknowledged: Rc<Cell<u64>>,
    last: u64,
    missed: u32,
}

impl Watchdog {
    /// The counter for the window's [`Heartbeat`].
    pub(crate) fn acknowledged(&self) -> Rc<Cell<u64>> {
        self.acknowledged.clone()
    }

    /// Whether the window is frozen; to be called once a second. It counts
    /// calls, not time: a process that was suspended with all its windows must
    /// not find them frozen when it resumes.
    pub(crate) fn is_frozen(&mut self) -> bool {
        let acknowledged = self.acknowledged.get();
        if self.last == acknowledged {
            self.missed += 1;
        } else {
            self.last = acknowledged;
            self.missed = 0;
        }
        self.missed >= MAX_MISSED
    }
}

/// Calls a function once a second on the windows' thread until the process ends.
#[cfg(target_os = "linux")]
pub(crate) fn every_second(mut call: impl FnMut() + 'static) {
    gtk::glib::timeout_add_local(INTERVAL, move || {
        call();
        gtk::glib::ControlFlow::Continue
    });
}

/// Not implemented for this system, where no frozen windows are known.
#[cfg(not(target_os = "linux"))]
pub(crate) fn every_second(_call: impl FnMut() + 'static) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_frozen_after_some_missed_heartbeats() {
        let mut watchdog = Watchdog::default();
        assert!((1..MAX_MISSED).all(|_| !watchdog.is_frozen()));
        watchdog.acknowledged().set(1);
        assert!(!watchdog.is_frozen());
        assert!((1..MAX_MISSED).all(|_| !watchdog.is_frozen()));
        assert!(watchdog.is_frozen());
    }
}
