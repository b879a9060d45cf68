//! All windows of the process, and what they share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dioxus::desktop::muda::Menu;
use dioxus::desktop::tao::event::Event;
use dioxus::desktop::{Config, DesktopContext, WeakDesktopContext};
use dioxus::prelude::*;
use tokio::sync::broadcast;

use super::heartbeat::{self, MAX_MISSED, Watchdog};
use super::host::ViewerEvents;
use super::instance::Instance;
use super::launch::Launch;
use super::window_state::WindowState;
use super::{shutdown, window};

/// The offset of a new window from the previous one, in physical pixels.
const OFFSET: i32 = 32;

/// The process's windows. Every window has it as a context.
pub(crate) struct WindowManager {
    instance: Instance,
    root: fn() -> Element,
    windows: RefCell<Vec<OpenWindow>>,
    /// The number of windows that were ever opened.
    count: Cell<u32>,
    state: RefCell<WindowState>,
    saved_state: RefCell<WindowState>,
}

/// A window that has been drawn.
struct OpenWindow {
    opening: Opening,
    context: WeakDesktopContext,
    watchdog: Watchdog,
}

/// How a window was opened. Every window has it as a context.
#[derive(Clone)]
pub(crate) struct Opening {
    /// Identifies the window.
    pub(crate) number: u32,
    /// What the window shows. The settings form changes it.
    pub(crate) launch: Rc<RefCell<Launch>>,
    pub(crate) menu: Option<Menu>,
}

impl WindowManager {
    /// A manager without windows; `root` is the content of each window.
    pub(crate) fn new(instance: Instance, root: fn() -> Element) -> Rc<Self> {
        let state = WindowState::read();
        Rc::new(Self {
            instance,
            root,
            windows: RefCell::default(),
            count: Cell::new(0),
            saved_state: RefCell::new(state.clone()),
            state: RefCell::new(state),
        })
    }

    /// The process's first window, whose configuration includes the end of the
    /// process.
    pub(crate) fn first_window(self: &Rc<Self>, launch: Launch) -> (VirtualDom, Config) {
        if launch.always_on_top {
            self.update_state(|state| state.always_on_top = true);
        }
        let full_screen = launch.kiosk;
        let (dom, config) = self.window(launch, full_screen);
        let manager = self.clone();
        let config = config.with_custom_event_handler(move |event, _| {
            if matches!(event, Event::LoopDestroyed) {
                manager.save_state();
                shutdown::close_sockets();
            }
        });
        (dom, config)
    }

    /// Opens another window next to `opener`.
    pub(crate) fn open(self: &Rc<Self>, opener: &DesktopContext, launch: Launch) {
        self.update_state(|state| {
            state.position = state.position.map(|(x, y)| (x + OFFSET, y + OFFSET));
        });
        let full_screen = launch.kiosk;
        let (dom, config) = self.window(launch, full_screen);
        opener.new_window(dom, config);
    }

    /// Handles a later launch of the app: focuses a window that shows what it
    /// asks for, or opens one.
    pub(crate) fn handle_launch(self: &Rc<Self>, opener: &DesktopContext, launch: Launch) {
        let matching = |window: &&OpenWindow| {
            !launch.is_explicit || window.opening.launch.borrow().shows_same_as(&launch)
        };
        let context = self
            .windows
            .borrow()
            .iter()
            .find(matching)
            .and_then(|window| window.context.upgrade());
        match context {
            Some(window) => {
                window.set_minimized(false);
                window.set_focus();
            }
            None => self.open(opener, launch),
        }
    }

    /// Receives later launches of the app, starting now.
    pub(crate) fn launches(&self) -> broadcast::Receiver<Launch> {
        self.instance.launches()
    }

    /// Whether this window handles later launches for the process.
    pub(crate) fn is_first(&self, number: u32) -> bool {
        let windows = self.windows.borrow();
        windows.first().map(|window| window.opening.number) == Some(number)
    }

    /// Adds a window that has been drawn. Returns the counter for its heartbeat.
    pub(crate) fn add(
        self: &Rc<Self>,
        opening: Opening,
        context: &DesktopContext,
    ) -> Rc<Cell<u64>> {
        if opening.number == 1 {
            let manager = self.clone();
            heartbeat::every_second(move || manager.check());
        }
        let window = OpenWindow {
            opening,
            context: Rc::downgrade(context),
            watchdog: Watchdog::default(),
        };
        let acknowledged = window.watchdog.acknowledged();
        self.windows.borrow_mut().push(window);
        acknowledged
    }

    /// Removes a window that was closed.
    pub(crate) fn remove(&self, number: u32) {
        let mut windows = self.windows.borrow_mut();
        windows.retain(|window| window.opening.number != number);
    }

    /// Closes all windows, which ends the process.
    pub(crate) fn quit(&self) {
        for window in self.windows.borrow().iter() {
            if let Some(window) = window.context.upgrade() {
                window.close();
            }
        }
    }

    /// The state for the next window.
    pub(crate) fn state(&self) -> WindowState {
        self.state.borrow().clone()
    }

    /// Changes the state for the next window.
    pub(crate) fn update_state(&self, change: impl FnOnce(&mut WindowState)) {
        change(&mut self.state.borrow_mut());
    }

    fn window(self: &Rc<Self>, launch: Launch, full_screen: bool) -> (VirtualDom, Config) {
        let number = self.count.get() + 1;
        self.count.set(number);
        let (config, menu) = window::config(number, &launch, &self.state(), full_screen);
        let opening = Opening {
            number,
            launch: Rc::new(RefCell::new(launch)),
            menu,
        };
        let dom = VirtualDom::new(self.root)
            .with_root_context(self.clone())
            .with_root_context(opening)
            .with_root_context(ViewerEvents::new());
        (dom, config)
    }

    /// Saves the state and replaces frozen windows; called once a second.
    fn check(self: &Rc<Self>) {
        self.save_state();
        let frozen: Vec<_> = self
            .windows
            .borrow_mut()
            .iter_mut()
            .filter_map(|window| window.watchdog.is_frozen().then_some(&*window))
            .filter_map(|window| {
                let launch = window.opening.launch.borrow().clone();
                Some((window.context.upgrade()?, launch))
            })
            .collect();
        for (old, launch) in frozen {
            tracing::warn!("replacing a window that has not drawn for {MAX_MISSED} s");
            let (dom, config) = self.window(launch, old.fullscreen().is_some());
            old.new_window(dom, config);
            old.close();
        }
    }

    fn save_state(&self) {
        let state = self.state();
        if state == *self.saved_state.borrow() {
            return;
        }
        if let Err(error) = state.write() {
            tracing::warn!("cannot save window position: {error:#}");
        }
        self.saved_state.replace(state);
    }
}
