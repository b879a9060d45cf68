//! A window's menu.
//!
//! The labels include the keys, which the window handles (`keys.rs`): a hidden
//! menu, as in full screen, would not.

use dioxus::desktop::muda::{Menu, MenuItem, PredefinedMenuItem, Result, Submenu};

use super::command::{Command, MENUS, items};

/// The menu of the window with this number.
pub(crate) fn menu(window: u32) -> Result<Menu> {
    let menu = Menu::new();
    for (title, groups) in MENUS {
        let submenu = Submenu::new(title, true);
        for (index, group) in groups.iter().enumerate() {
            if index > 0 {
                submenu.append(&PredefinedMenuItem::separator())?;
            }
            for (command, label, letter, key) in *group {
                let label = label.replacen(*letter, &format!("&{letter}"), 1);
                let text = format!("{label}  ({key})");
                submenu.append(&MenuItem::with_id(id(window, *command), text, true, None))?;
            }
        }
        menu.append(&submenu)?;
    }
    Ok(menu)
}

/// The command of a chosen menu item; `None` if it belongs to another window.
pub(crate) fn command(window: u32, chosen: &str) -> Option<Command> {
    let mut commands = items().map(|(command, ..)| *command);
    commands.find(|command| id(window, *command) == chosen)
}

fn id(window: u32, command: Command) -> String {
    format!("{window} {command:?}")
}
