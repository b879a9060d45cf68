//! A window's content: the dashboard or the settings form, and the About dialog.

use std::cell::Cell;
use std::rc::Rc;

use dioxus::desktop::tao::event::Event;
use dioxus::desktop::tao::window::Fullscreen;
use dioxus::desktop::{
    DesktopContext, WindowEvent, use_muda_event_handler, use_window, use_wry_event_handler,
};
use dioxus::prelude::*;
use live_dashboard::components::{About, DESKTOP_STYLES};
use live_dashboard::{Config, Dashboard};
use tokio::sync::broadcast::error::RecvError;

use super::command::{Command, items};
use super::form::SettingsForm;
use super::heartbeat::Heartbeat;
use super::host::ViewerEvents;
use super::launch::Launch;
use super::manager::{Opening, WindowManager};
use super::{keys, menu, shutdown};

/// A window's state.
#[derive(Clone)]
struct View {
    manager: Rc<WindowManager>,
    opening: Opening,
    window: DesktopContext,
    events: ViewerEvents,
    /// What to show; `None` until a hub is known.
    config: Signal<Option<Config>>,
    /// Whether the settings form is open.
    editing: Signal<bool>,
    about: Signal<bool>,
}

/// The root component of a window.
pub(crate) fn root() -> Element {
    let view = use_view();
    let acknowledged = use_registration(&view);
    use_commands(&view);
    use_window_events(&view);
    let View {
        opening,
        mut config,
        mut editing,
        mut about,
        ..
    } = view;
    let launch = opening.launch.borrow().clone();
    let known = config();
    let theme = known.as_ref().and_then(Config::theme);
    let can_cancel = known.is_some();
    rsx! {
        Heartbeat { acknowledged }
        match known.filter(|_| !editing()) {
            Some(config) => rsx! {
                Dashboard { config, owns_page: true }
            },
            None => rsx! {
                SettingsForm {
                    launch,
                    on_done: move |(launch, new): (Launch, Config)| {
                        opening.launch.replace(launch);
                        config.set(Some(new));
                        editing.set(false);
                    },
                    on_cancel: can_cancel.then(|| EventHandler::new(move |()| editing.set(false))),
                }
            },
        }
        if about() {
            style { dangerous_inner_html: DESKTOP_STYLES }
            About {
                version: env!("CARGO_PKG_VERSION"),
                keys: items().map(|(_, label, _, key)| (*key, *label)).collect(),
                theme,
                on_close: move |()| about.set(false),
            }
        }
    }
}

fn use_view() -> View {
    let opening = use_context::<Opening>();
    let config = use_signal(|| {
        let launch = opening.launch.borrow();
        let complete = launch.settings.are_complete();
        complete.then(|| launch.config().ok()).flatten()
    });
    View {
        manager: use_context(),
        opening,
        window: use_window(),
        events: use_context(),
        config,
        editing: use_signal(|| false),
        about: use_signal(|| false),
    }
}

/// Registers the window with the manager until it is closed, and shows it once
/// it has been drawn. Returns the counter for its heartbeat.
fn use_registration(view: &View) -> Rc<Cell<u64>> {
    let acknowledged = use_hook(|| {
        spawn(handle_launches(view.clone()));
        let manager = view.manager.clone();
        spawn(async move {
            shutdown::requested().await;
            manager.quit();
        });
        view.manager.add(view.opening.clone(), &view.window)
    });
    let (manager, number) = (view.manager.clone(), view.opening.number);
    use_drop(move || manager.remove(number));
    let (manager, window) = (view.manager.clone(), view.window.clone());
    use_effect(move || {
        window.set_zoom_level(manager.state().zoom);
        window.set_visible(true);
        window.set_focus();
    });
    acknowledged
}

/// Handles later launches of the app, as long as this window is the first.
async fn handle_launches(view: View) {
    let mut launches = view.manager.launches();
    loop {
        match launches.recv().await {
            Ok(launch) if view.manager.is_first(view.opening.number) => {
                view.manager.handle_launch(&view.window, launch);
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Runs the commands of keys and menu.
fn use_commands(view: &View) {
    use_hook(|| {
        let mut commands = keys::listen(&view.window);
        let mut view = view.clone();
        spawn(async move {
            while let Some(command) = commands.recv().await {
                view.run(command);
            }
        })
    });
    let mut view = view.clone();
    use_muda_event_handler(move |event| {
        if let Some(command) = menu::command(view.opening.number, &event.id().0) {
            view.run(command);
        }
    });
}

/// Follows the window's focus, size and position.
fn use_window_events(view: &View) {
    let view = view.clone();
    use_wry_event_handler(move |event, _| {
        let Event::WindowEvent { event, .. } = event else {
            return;
        };
        let window = &view.window;
        let is_full_screen = window.fullscreen().is_some();
        match event {
            // A wall is watched even without focus.
            WindowEvent::Focused(focused) => view.events.set_visible(*focused || is_full_screen),
            WindowEvent::Resized(size) => {
                view.show_menu(!is_full_screen);
                if is_full_screen {
                    return;
                }
                let size = size.to_logical(window.scale_factor());
                let maximized = window.is_maximized();
                view.manager.update_state(|state| {
                    state.maximized = maximized;
                    if !maximized {
                        state.size = (size.width, size.height);
                    }
                });
            }
            WindowEvent::Moved(position) if !is_full_screen && !window.is_maximized() => {
                let position = Some((position.x, position.y));
                view.manager.update_state(|state| state.position = position);
            }
            _ => {}
        }
    });
}

impl View {
    fn run(&mut self, command: Command) {
        match command {
            Command::NewWindow => {
                let launch = self.opening.launch.borrow().clone();
                self.manager.open(&self.window, launch);
            }
            Command::Settings => self.editing.set(true),
            Command::CloseWindow => self.window.close(),
            Command::Quit => self.manager.quit(),
            Command::FullScreen => {
                // `None` is the window's current screen. With an explicit
                // screen, the window is moved there first, which some window
                // managers ignore.
                let full_screen = match self.window.fullscreen() {
                    Some(_) => None,
                    None => Some(Fullscreen::Borderless(None)),
                };
                self.window.window.set_fullscreen(full_screen);
            }
            Command::AlwaysOnTop => {
                let on_top = !self.manager.state().always_on_top;
                self.manager
                    .update_state(|state| state.always_on_top = on_top);
                self.window.set_always_on_top(on_top);
            }
            Command::ZoomIn => self.zoom(self.manager.state().zoomed(true)),
            Command::ZoomOut => self.zoom(self.manager.state().zoomed(false)),
            Command::ZoomReset => self.zoom(1.0),
            Command::About => self.about.set(true),
            Command::Back => {
                self.about.set(false);
                self.events.escape();
            }
        }
    }

    fn zoom(&self, zoom: f64) {
        self.manager.update_state(|state| state.zoom = zoom);
        self.window.set_zoom_level(zoom);
    }

    #[cfg(target_os = "linux")]
    fn show_menu(&self, visible: bool) {
        use dioxus::desktop::tao::platform::unix::WindowExtUnix;
        let Some(menu) = &self.opening.menu else {
            return;
        };
        let window = self.window.gtk_window();
        let result = match visible {
            true => menu.show_for_gtk_window(window),
            false => menu.hide_for_gtk_window(window),
        };
        if let Err(error) = result {
            tracing::warn!("cannot show or hide the menu: {error}");
        }
    }

    /// Not implemented for this system.
    #[cfg(not(target_os = "linux"))]
    fn show_menu(&self, _visible: bool) {}
}
