//! The windows of the process, and what they share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dioxus::desktop::muda::Menu;
use dioxus::desktop::tao::event::Event;
use dioxus::desktop::{Config, DesktopContext, WeakDesktopContext};
use dioxus::prelude::*;
use live_dashboard::components::Theme;
use live_dashboard::platform::desktop::instance::First;
use live_dashboard::platform::desktop::remembered::Remembered;
use live_dashboard::platform::desktop::start::Start;
use tokio::sync::broadcast;

use super::root::root;
use super::surface::Attention;
use super::window::{self, Look};
use super::{guard, part};

/// How far from its model a further window opens, in physical pixels.
const ASIDE: i32 = 32;

/// All windows. There is one desk, and each window has it as a context.
pub(crate) struct Desk {
    first: First,
    windows: RefCell<Vec<OpenWindow>>,
    /// How many there ever were.
    count: Cell<u32>,
    remembered: RefCell<Remembered>,
    /// The same as it stands in the file.
    kept: RefCell<Remembered>,
}

/// A window that has drawn itself.
pub(crate) struct OpenWindow {
    pub(crate) opening: Opening,
    pub(crate) context: WeakDesktopContext,
    /// Grows once a second for as long as the window draws.
    pub(crate) beats: Rc<Cell<u64>>,
    pub(crate) watch: guard::Watch,
}

/// What a window was opened with: a context of its virtual DOM.
#[derive(Clone)]
pub(crate) struct Opening {
    /// Tells the windows apart.
    pub(crate) number: u32,
    /// What it shows; changes with its settings.
    pub(crate) start: Rc<RefCell<Start>>,
    pub(crate) menu: Option<Menu>,
}

impl Desk {
    pub(crate) fn new(first: First) -> Rc<Self> {
        let remembered = Remembered::read();
        Rc::new(Self {
            first,
            windows: RefCell::default(),
            count: Cell::new(0),
            kept: RefCell::new(remembered.clone()),
            remembered: RefCell::new(remembered),
        })
    }

    /// The window that the process begins with; its config has what holds for
    /// the process.
    pub(crate) fn first_window(self: &Rc<Self>, start: Start) -> (VirtualDom, Config) {
        if start.always_on_top {
            self.remember(|window| window.always_on_top = true);
        }
        let full_screen = start.kiosk;
        let (dom, config) = self.window(start, full_screen);
        let desk = self.clone();
        let config = config.with_custom_event_handler(move |event, _| {
            if matches!(event, Event::LoopDestroyed) {
                desk.keep();
                part();
            }
        });
        (dom, config)
    }

    fn window(self: &Rc<Self>, start: Start, full_screen: bool) -> (VirtualDom, Config) {
        let number = self.count.get() + 1;
        self.count.set(number);
        let theme = start.settings.theme.as_deref().and_then(Theme::named);
        let (config, menu) = window::config(&Look {
            number,
            remembered: &self.remembered.borrow(),
            full_screen,
            kiosk: start.kiosk,
            theme,
        });
        let opening = Opening {
            number,
            start: Rc::new(RefCell::new(start)),
            menu,
        };
        let dom = VirtualDom::new(root)
            .with_root_context(self.clone())
            .with_root_context(opening)
            .with_root_context(Attention::new());
        (dom, config)
    }

    /// Opens a further window, beside the one that asks.
    pub(crate) fn open(self: &Rc<Self>, beside: &DesktopContext, start: Start) {
        let aside = |position: &mut (i32, i32)| {
            position.0 += ASIDE;
            position.1 += ASIDE;
        };
        self.remember(|window| window.position.iter_mut().for_each(aside));
        let full_screen = start.kiosk;
        let (dom, config) = self.window(start, full_screen);
        beside.new_window(dom, config);
    }

    /// Opens the same window anew, and closes the old one.
    pub(crate) fn replace(self: &Rc<Self>, old: &DesktopContext, start: Start) {
        let (dom, config) = self.window(start, old.fullscreen().is_some());
        old.new_window(dom, config);
        old.close();
    }

    /// What a later start of the app wants: to see the window that shows it,
    /// or one that does not yet.
    pub(crate) fn wish(self: &Rc<Self>, asked: &DesktopContext, wish: Start) {
        let shows_it = |window: &&OpenWindow| {
            !wish.explicit || window.opening.start.borrow().settings == wish.settings
        };
        let found = self
            .windows
            .borrow()
            .iter()
            .find(shows_it)
            .and_then(|window| window.context.upgrade());
        match found {
            Some(window) => {
                window.set_minimized(false);
                window.set_focus();
            }
            None => self.open(asked, wish),
        }
    }

    /// What later starts want, from now on.
    pub(crate) fn wishes(&self) -> broadcast::Receiver<Start> {
        self.first.wishes()
    }

    /// Whether this window speaks for all: of several, one is enough.
    pub(crate) fn is_front(&self, number: u32) -> bool {
        let windows = self.windows.borrow();
        windows.first().map(|window| window.opening.number) == Some(number)
    }

    /// A window is there; the guard begins with the first.
    pub(crate) fn join(self: &Rc<Self>, window: OpenWindow) {
        if window.opening.number == 1 {
            guard::begin(self);
        }
        self.windows.borrow_mut().push(window);
    }

    pub(crate) fn leave(&self, number: u32) {
        self.windows
            .borrow_mut()
            .retain(|window| window.opening.number != number);
    }

    /// Closes all windows, which ends the process.
    pub(crate) fn quit(&self) {
        for window in self.windows.borrow().iter() {
            if let Some(window) = window.context.upgrade() {
                window.close();
            }
        }
    }

    /// The windows that the guard's rule finds, with what they show.
    pub(crate) fn find(
        &self,
        mut rule: impl FnMut(&mut OpenWindow) -> bool,
    ) -> Vec<(DesktopContext, Start)> {
        let mut windows = self.windows.borrow_mut();
        let found = windows.iter_mut().filter_map(|window| {
            let found = rule(window).then(|| window.context.upgrade())?;
            Some((found?, window.opening.start.borrow().clone()))
        });
        found.collect()
    }

    pub(crate) fn remembered(&self) -> Remembered {
        self.remembered.borrow().clone()
    }

    pub(crate) fn remember(&self, change: impl FnOnce(&mut Remembered)) {
        change(&mut self.remembered.borrow_mut());
    }

    /// Writes what is remembered, where it has changed.
    pub(crate) fn keep(&self) {
        let remembered = self.remembered.borrow();
        if *remembered == *self.kept.borrow() {
            return;
        }
        if let Err(error) = remembered.write() {
            tracing::warn!("the window will not be found where it was: {error}");
        }
        self.kept.replace(remembered.clone());
    }
}
