//! What a window shows: the form, the dashboard, About.

use std::cell::Cell;
use std::rc::Rc;

use dioxus::desktop::tao::event::Event;
use dioxus::desktop::tao::window::Fullscreen;
use dioxus::desktop::use_wry_event_handler;
use dioxus::desktop::{DesktopContext, WindowEvent, use_muda_event_handler, use_window};
use dioxus::prelude::*;
use live_dashboard::components::{About, DESKTOP_STYLES};
use live_dashboard::platform::desktop::start::Start;
use live_dashboard::{Config, Dashboard};
use tokio::sync::broadcast::error::RecvError;

use super::ask::Ask;
use super::command::{Command, KEYS};
use super::desk::{Desk, OpenWindow, Opening};
use super::guard::Beat;
use super::surface::Attention;
use super::{keys, menu};

/// A window's state, and what it can be asked for.
#[derive(Clone)]
struct View {
    desk: Rc<Desk>,
    opening: Opening,
    window: DesktopContext,
    /// Which hub; none where nobody has said so yet.
    config: Signal<Option<Config>>,
    /// Whether the form is shown over a hub that is known.
    asking: Signal<bool>,
    attention: Attention,
    about: Signal<bool>,
}

/// A window's content.
pub(crate) fn root() -> Element {
    let view = use_view();
    let beats = use_membership(&view);
    use_commands(&view);
    use_memory(&view);
    let View {
        opening,
        config,
        mut asking,
        mut about,
        ..
    } = view;
    let start = opening.start.borrow().clone();
    let theme = config().and_then(|config| config.theme());
    let known = config();
    let is_known = known.is_some();
    let shown = known.filter(|_| !asking());
    rsx! {
        Beat { beats }
        match shown {
            Some(config) => rsx! {
                Dashboard { config, owns_page: true }
            },
            None => rsx! {
                Ask {
                    start,
                    on_done: move |(start, done): (Start, Config)| {
                        opening.start.replace(start);
                        let mut config = config;
                        config.set(Some(done));
                        asking.set(false);
                    },
                    on_cancel: is_known.then(|| EventHandler::new(move |()| asking.set(false))),
                }
            },
        }
        if about() {
            style { dangerous_inner_html: DESKTOP_STYLES }
            About {
                version: env!("CARGO_PKG_VERSION"),
                keys: KEYS.to_vec(),
                theme,
                on_close: move |()| about.set(false),
            }
        }
    }
}

fn use_view() -> View {
    let desk = use_context::<Rc<Desk>>();
    let opening = use_context::<Opening>();
    let window = use_window();
    let config = use_signal(|| {
        let start = opening.start.borrow();
        let config = start.configured.then(|| start.settings.clone());
        config.and_then(|settings| Config::from_settings(settings).ok())
    });
    View {
        desk,
        opening,
        window,
        config,
        attention: use_context::<Attention>(),
        asking: use_signal(|| false),
        about: use_signal(|| false),
    }
}

/// Joins the desk for as long as the window is there, and shows the window
/// once it is drawn; gives the beats by which the guard knows that it lives.
fn use_membership(view: &View) -> Rc<Cell<u64>> {
    let number = view.opening.number;
    let beats = use_hook(|| {
        let beats = Rc::new(Cell::new(0));
        view.desk.join(OpenWindow {
            opening: view.opening.clone(),
            context: Rc::downgrade(&view.window),
            beats: beats.clone(),
            watch: Default::default(),
        });
        spawn(grant_wishes(view.clone()));
        spawn(end_when_told(view.desk.clone()));
        beats
    });
    let desk = view.desk.clone();
    use_drop(move || desk.leave(number));
    let (desk, window) = (view.desk.clone(), view.window.clone());
    use_effect(move || {
        window.set_zoom_level(desk.remembered().zoom);
        window.set_visible(true);
        window.set_focus();
    });
    beats
}

async fn grant_wishes(view: View) {
    let mut wishes = view.desk.wishes();
    loop {
        match wishes.recv().await {
            Ok(wish) if view.desk.is_front(view.opening.number) => {
                view.desk.wish(&view.window, wish);
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Ends in order when the system asks the process to.
async fn end_when_told(desk: Rc<Desk>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut interrupt)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        ) else {
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        desk.quit();
    }
    #[cfg(not(unix))]
    drop(desk);
}

/// Hears keys and menu.
fn use_commands(view: &View) {
    use_hook(|| {
        let mut keys = keys::listen(&view.window);
        let mut by_key = view.clone();
        spawn(async move {
            while let Some(command) = keys.recv().await {
                by_key.perform(command);
            }
        })
    });
    let mut by_menu = view.clone();
    use_muda_event_handler(move |event| {
        if let Some(command) = menu::command(by_menu.opening.number, &event.id().0) {
            by_menu.perform(command);
        }
    });
}

/// Takes note of where the window is, and whether it is looked at.
fn use_memory(view: &View) {
    let view = view.clone();
    use_wry_event_handler(move |event, _| {
        let Event::WindowEvent { event, .. } = event else {
            return;
        };
        let window = &view.window;
        match event {
            // A wall is looked at though nobody has touched it.
            WindowEvent::Focused(focused) => {
                view.attention
                    .turn(*focused || window.fullscreen().is_some());
            }
            WindowEvent::Resized(size) => {
                view.show_menu(window.fullscreen().is_none());
                if window.fullscreen().is_some() {
                    return;
                }
                let maximized = window.is_maximized();
                let size = size.to_logical::<f64>(window.scale_factor());
                view.desk.remember(|known| {
                    known.maximized = maximized;
                    if !maximized {
                        known.size = (size.width, size.height);
                    }
                });
            }
            WindowEvent::Moved(place)
                if window.fullscreen().is_none() && !window.is_maximized() =>
            {
                let place = (place.x, place.y);
                view.desk.remember(|known| known.position = Some(place));
            }
            _ => {}
        }
    });
}

impl View {
    fn perform(&mut self, command: Command) {
        match command {
            Command::NewWindow => {
                let start = self.opening.start.borrow().clone();
                self.desk.open(&self.window, start);
            }
            Command::Settings => self.asking.set(true),
            Command::CloseWindow => self.window.close(),
            Command::Quit => self.desk.quit(),
            Command::FullScreen => {
                let full = self.window.fullscreen().is_some();
                // On the screen that the window is on: to name that one moves
                // the window there first, which not every window manager
                // follows.
                let wanted = (!full).then_some(Fullscreen::Borderless(None));
                self.window.window.set_fullscreen(wanted);
            }
            Command::AlwaysOnTop => {
                let on_top = !self.desk.remembered().always_on_top;
                self.desk.remember(|known| known.always_on_top = on_top);
                self.window.set_always_on_top(on_top);
            }
            Command::ZoomIn => self.zoom(self.desk.remembered().zoomed(true)),
            Command::ZoomOut => self.zoom(self.desk.remembered().zoomed(false)),
            Command::ZoomReset => self.zoom(1.0),
            Command::About => self.about.set(true),
            Command::Back => {
                self.about.set(false);
                self.attention.escape();
            }
        }
    }

    fn zoom(&self, level: f64) {
        self.desk.remember(|known| known.zoom = level);
        self.window.set_zoom_level(level);
    }

    /// Full screen is without a menu.
    fn show_menu(&self, shown: bool) {
        #[cfg(target_os = "linux")]
        if let Some(menu) = &self.opening.menu {
            use dioxus::desktop::tao::platform::unix::WindowExtUnix;
            let window = self.window.gtk_window();
            let done = match shown {
                true => menu.show_for_gtk_window(window),
                false => menu.hide_for_gtk_window(window),
            };
            if let Err(error) = done {
                tracing::warn!("the menu stays as it is: {error}");
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = shown;
    }
}
