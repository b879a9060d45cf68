//! What a viewer can do in a window.

/// A command, by key or by menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    NewWindow,
    Settings,
    CloseWindow,
    Quit,
    FullScreen,
    AlwaysOnTop,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    About,
    Back,
}

/// A menu item: the command, its label, the letter of the label to underline,
/// and the key.
pub(crate) type Item = (Command, &'static str, char, &'static str);

/// The menus: the title, and the groups of items.
pub(crate) const MENUS: [(&str, &[&[Item]]); 3] = [
    (
        "&Dashboard",
        &[
            &[
                (Command::NewWindow, "New Window", 'N', "Ctrl N"),
                (Command::Settings, "Settings …", 'S', "Ctrl ,"),
            ],
            &[
                (Command::CloseWindow, "Close Window", 'C', "Ctrl W"),
                (Command::Quit, "Quit", 'Q', "Ctrl Q"),
            ],
        ],
    ),
    (
        "&View",
        &[
            &[
                (Command::FullScreen, "Full Screen", 'F', "F11"),
                (Command::AlwaysOnTop, "Always on Top", 'T', "Ctrl T"),
            ],
            &[
                (Command::ZoomIn, "Zoom In", 'I', "Ctrl +"),
                (Command::ZoomOut, "Zoom Out", 'O', "Ctrl −"),
                (Command::ZoomReset, "Actual Size", 'A', "Ctrl 0"),
            ],
        ],
    ),
    ("&Help", &[&[(Command::About, "About", 'A', "F1")]]),
];

/// The items of all menus.
pub(crate) fn items() -> impl Iterator<Item = &'static Item> {
    MENUS
        .iter()
        .flat_map(|(_, groups)| *groups)
        .copied()
        .flatten()
}

impl Command {
    /// The command of a key, which has its X name.
    pub(crate) fn from_key(name: &str, control: bool) -> Option<Self> {
        Some(match (name, control) {
            ("F11", false) => Self::FullScreen,
            ("F1", false) => Self::About,
            ("Escape", false) => Self::Back,
            ("n" | "N", true) => Self::NewWindow,
            ("t" | "T", true) => Self::AlwaysOnTop,
            ("w" | "W", true) => Self::CloseWindow,
            ("q" | "Q", true) => Self::Quit,
            ("comma", true) => Self::Settings,
            ("0" | "KP_0", true) => Self::ZoomReset,
            ("minus" | "KP_Subtract", true) => Self::ZoomOut,
            ("plus" | "equal" | "KP_Add", true) => Self::ZoomIn,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_menu_item_has_its_key() {
        for (command, _, _, key) in items() {
            let (name, control) = match key.strip_prefix("Ctrl ") {
                Some("+") => ("plus", true),
                Some("−") => ("minus", true),
                Some(",") => ("comma", true),
                Some(letter) => (letter, true),
                None => (*key, false),
            };
            assert_eq!(Command::from_key(name, control), Some(*command), "{key}");
            assert_eq!(Command::from_key(name, !control), None, "{key}");
        }
        assert_eq!(Command::from_key("Escape", false), Some(Command::Back));
        assert_eq!(Command::from_key("z", true), None);
    }
}
