//! A window's menu.
//!
//! The labels include the keys, which the window handles (`keys.rs`): a hidden
//! menu, as in full screen, would not.

use dioxus::desktop::muda::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Result, Submenu};

use super::command::Command;

/// The menu of the window with this number.
pub(crate) fn menu(window: u32) -> Result<Menu> {
    let item = |command: Command, text: &str| -> Box<dyn IsMenuItem> {
        Box::new(MenuItem::with_id(id(window, command), text, true, None))
    };
    let separator = || -> Box<dyn IsMenuItem> { Box::new(PredefinedMenuItem::separator()) };
    let menu = Menu::new();
    for (title, items) in [
        (
            "&Dashboard",
            vec![
                item(Command::NewWindow, "&New Window  (Ctrl N)"),
                item(Command::Settings, "&Settings …  (Ctrl ,)"),
                separator(),
                item(Command::CloseWindow, "&Close Window  (Ctrl W)"),
                item(Command::Quit, "&Quit  (Ctrl Q)"),
            ],
        ),
        (
            "&View",
            vec![
                item(Command::FullScreen, "&Full Screen  (F11)"),
                item(Command::AlwaysOnTop, "Always on &Top  (Ctrl T)"),
                separator(),
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

/// The command of a chosen menu item; `None` if it belongs to another window.
pub(crate) fn command(window: u32, chosen: &str) -> Option<Command> {
    Command::ALL
        .into_iter()
        .find(|command| id(window, *command) == chosen)
}

fn id(window: u32, command: Command) -> String {
    format!("{window} {command:?}")
}
