//! How a window looks before anything is drawn in it.

use dioxus::desktop::muda::Menu;
use dioxus::desktop::tao::dpi::{LogicalSize, PhysicalPosition};
use dioxus::desktop::tao::window::{Fullscreen, Icon};
use dioxus::desktop::{Config, WindowBuilder, icon_from_memory};
use live_dashboard::components::Theme;
use live_dashboard::platform::desktop::remembered::Remembered;

use super::{NAME, menu};

/// The icon's name in the system's theme, as the package installs it.
pub(crate) const ICON_NAME: &str = "live-dashboard";

/// The page that Dioxus draws in.
const PAGE: &str = include_str!("window.html");

/// What makes one window differ from another.
pub(crate) struct Look<'a> {
    /// Tells the windows of the process apart.
    pub(crate) number: u32,
    /// Where the window was, and how.
    pub(crate) remembered: &'a Remembered,
    pub(crate) full_screen: bool,
    /// Without a menu.
    pub(crate) kiosk: bool,
    pub(crate) theme: Option<Theme>,
}

/// A window that nobody sees yet, and its menu: it is shown once it has something to show.
///
/// This has a second reason. Of a window that was to be seen at once, Dioxus
/// draws each change at the next animation frame, and there are none while the
/// window is minimised: then the whole app would stand still, its connection
/// to the hub too.
pub(crate) fn config(look: &Look<'_>) -> (Config, Option<Menu>) {
    let (width, height) = look.remembered.size;
    let (least_width, least_height) = Remembered::SMALLEST;
    let mut window = WindowBuilder::new()
        .with_title(NAME)
        .with_inner_size(LogicalSize::new(width, height))
        .with_min_inner_size(LogicalSize::new(least_width, least_height))
        .with_maximized(look.remembered.maximized)
        .with_always_on_top(look.remembered.always_on_top)
        .with_visible(false);
    if let Some((x, y)) = look.remembered.position {
        window = window.with_position(PhysicalPosition::new(x, y));
    }
    if look.full_screen {
        window = window.with_fullscreen(Some(Fullscreen::Borderless(None)));
    }
    let menu = match look.kiosk {
        true => None,
        false => menu::menu(look.number)
            .inspect_err(|error| tracing::warn!("the window has no menu: {error}"))
            .ok(),
    };
    let config = Config::new()
        .with_window(window)
        .with_menu(menu.clone())
        .with_custom_index(page(look.theme))
        // Only a debug build has the developer's menu of the page.
        .with_disable_context_menu(!cfg!(debug_assertions));
    let config = match icon() {
        Some(icon) => config.with_icon(icon),
        None => config,
    };
    (config, menu)
}

/// The page in the theme's colour, so that nothing flashes.
fn page(theme: Option<Theme>) -> String {
    match theme {
        Some(theme) => PAGE.replace("<html", &format!("<html data-theme=\"{}\"", theme.as_str())),
        None => PAGE.into(),
    }
}

fn icon() -> Option<Icon> {
    icon_from_memory(include_bytes!(
        "../../packaging/icons/live-dashboard-128.png"
    ))
    .inspect_err(|error| tracing::warn!("the window has no icon of its own: {error}"))
    .ok()
}
