//! A window's menu: few words, each with its key in them.
//!
//! The keys are heard by the window itself, since a menu hears none while it is
//! hidden, as it is in full screen.

use dioxus::desktop::muda::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Result, Submenu};

use super::command::Command;

/// A window's menu. The number tells the windows' menus apart.
pub(crate) fn menu(window: u32) -> Result<Menu> {
    let item = |command: Command, text: &str| -> Box<dyn IsMenuItem> {
        Box::new(MenuItem::with_id(id(window, command), text, true, None))
    };
    let line = || -> Box<dyn IsMenuItem> { Box::new(PredefinedMenuItem::separator()) };
    let menu = Menu::new();
    for (title, items) in [
        (
            "&Dashboard",
            vec![
                item(Command::NewWindow, "&New Window  (Ctrl N)"),
                item(Command::Settings, "&Settings …  (Ctrl ,)"),
                line(),
                item(Command::CloseWindow, "&Close Window  (Ctrl W)"),
                item(Command::Quit, "&Quit  (Ctrl Q)"),
            ],
        ),
        (
            "&View",
            vec![
                item(Command::FullScreen, "&Full Screen  (F11)"),
                item(Command::AlwaysOnTop, "Always on &Top  (Ctrl T)"),
                line(),
                item(Command::ZoomIn, "Zoom &In  (Ctrl +)"),
                item(Command::ZoomOut, "Zoom &Out  (Ctrl −)"),
                item(Command::ZoomReset, "&Actual Size  (Ctrl 0)"),
            ],
        ),
        ("&Help", vec![item(Command::About, "&About  (F1)")]),
    ] {
        let submenu = Submenu::new(title, true);
        for item in &items {
            submenu.append(&**item)?;
        }
        menu.append(&submenu)?;
    }
    Ok(menu)
}

/// What a menu's item asks of this window; `None` for another window's.
pub(crate) fn command(window: u32, chosen: &str) -> Option<Command> {
    Command::ALL
        .into_iter()
        .find(|command| id(window, *command) == chosen)
}

fn id(window: u32, command: Command) -> String {
    format!("{window} {command:?}")
}
