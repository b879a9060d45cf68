//! How a window looks before it is drawn.

use dioxus::desktop::muda::Menu;
use dioxus::desktop::tao::dpi::{LogicalSize, PhysicalPosition};
use dioxus::desktop::tao::window::Fullscreen;
use dioxus::desktop::{Config, WindowBuilder, icon_from_memory};
use live_dashboard::components::Theme;

use super::launch::Launch;
use super::menu;
use super::window_state::WindowState;

/// The app's name, as users see it.
pub(crate) const NAME: &str = "Live Dashboard";

/// The icon's name in the system's theme, as the package installs it.
pub(crate) const ICON_NAME: &str = "live-dashboard";

/// The page that Dioxus draws in.
const PAGE: &str = include_str!("window.html");

/// A window's configuration and its menu, which a kiosk does not have. The
/// window is hidden until it has been drawn.
///
/// It must be: in a window that is visible from the start, Dioxus draws at
/// animation frames, of which a minimized window has none. The whole app would
/// then stop, including its connection to the hub.
pub(crate) fn config(
    number: u32,
    launch: &Launch,
    state: &WindowState,
    full_screen: bool,
) -> (Config, Option<Menu>) {
    let (width, height) = state.size;
    let (min_width, min_height) = WindowState::MIN_SIZE;
    let mut window = WindowBuilder::new()
        .with_title(NAME)
        .with_inner_size(LogicalSize::new(width, height))
        .with_min_inner_size(LogicalSize::new(min_width, min_height))
        .with_maximized(state.maximized)
        .with_always_on_top(state.always_on_top)
        .with_visible(false);
    if let Some((x, y)) = state.position {
        window = window.with_position(PhysicalPosition::new(x, y));
    }
    if full_screen {
        window = window.with_fullscreen(Some(Fullscreen::Borderless(None)));
    }
    let menu = match launch.kiosk {
        true => None,
        false => menu::menu(number)
            .inspect_err(|error| tracing::warn!("cannot create the menu: {error}"))
            .ok(),
    };
    let theme = launch.settings.theme.as_deref().and_then(Theme::named);
    let config = Config::new()
        .with_window(window)
        .with_menu(menu.clone())
        .with_custom_index(page(theme))
        // Only debug builds have the page's developer menu.
        .with_disable_context_menu(!cfg!(debug_assertions));
    let icon = include_bytes!("../../packaging/icons/live-dashboard-128.png");
    let config = match icon_from_memory(icon) {
        Ok(icon) => config.with_icon(icon),
        Err(error) => {
            tracing::warn!("cannot load the window's icon: {error}");
            config
        }
    };
    (config, menu)
}

/// The page with the theme's background, so that no other colour flashes.
fn page(theme: Option<Theme>) -> String {
    let attribute = theme.map(|theme| format!(" data-theme=\"{}\"", theme.as_str()));
    PAGE.replace("{theme}", &attribute.unwrap_or_default())
        .replace("{light}", env!("LIGHT_GROUND"))
        .replace("{dark}", env!("DARK_GROUND"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_theme_and_the_background_of_the_stylesheet() {
        let page = page(Some(Theme::Dark));
        assert!(page.contains("<html lang=\"en\" data-theme=\"dark\">"));
        assert!(page.contains(&format!("background: {}", env!("DARK_GROUND"))));
        assert!(!page.contains("{light}") && !page.contains("{dark}"));
        assert!(super::page(None).contains("<html lang=\"en\">"));
    }
}
