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

/// The keys as the About dialog lists them.
pub(crate) const KEYS: [(&str, &str); 9] = [
    ("F11", "Full screen"),
    ("Ctrl N", "New window, which is another viewer"),
    ("Ctrl +", "Zoom in"),
    ("Ctrl −", "Zoom out"),
    ("Ctrl 0", "Actual size"),
    ("Ctrl T", "Always on top"),
    ("Ctrl ,", "Settings"),
    ("Ctrl W", "Close window"),
    ("Ctrl Q", "Quit"),
];

impl Command {
    /// All commands.
    pub(crate) const ALL: [Self; 11] = [
        Self::NewWindow,
        Self::Settings,
        Self::CloseWindow,
        Self::Quit,
        Self::FullScreen,
        Self::AlwaysOnTop,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomReset,
        Self::About,
        Self::Back,
    ];

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
    fn every_key_in_the_about_dialog_has_a_command() {
        for (key, _) in KEYS {
            let (name, control) = match key.strip_prefix("Ctrl ") {
                Some("+") => ("plus", true),
                Some("−") => ("minus", true),
                Some(",") => ("comma", true),
                Some(letter) => (letter, true),
                None => (key, false),
            };
            assert!(Command::from_key(name, control).is_some(), "{key}");
            assert!(Command::from_key(name, !control).is_none(), "{key}");
        }
        assert_eq!(Command::from_key("Escape", false), Some(Command::Back));
        assert_eq!(Command::from_key("z", true), None);
    }
}
