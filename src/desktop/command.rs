//! What the viewer may ask of a window.

/// A wish, whether it came by key or by menu.
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

/// The keys as About tells them.
pub(crate) const KEYS: [(&str, &str); 9] = [
    ("F11", "Full screen, and back"),
    ("Ctrl N", "Another window: another viewer"),
    ("Ctrl +", "Larger"),
    ("Ctrl −", "Smaller"),
    ("Ctrl 0", "As large as it was designed"),
    ("Ctrl T", "Above all other windows, or not"),
    ("Ctrl ,", "Settings"),
    ("Ctrl W", "Close the window"),
    ("Ctrl Q", "Quit"),
];

impl Command {
    /// All that a menu may hold.
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

    /// What a key asks for, by its name in X.
    pub(crate) fn of_key(name: &str, control: bool) -> Option<Self> {
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
    fn keys_ask_for_what_about_tells() {
        for (told, _) in KEYS {
            let (name, control) = match told.strip_prefix("Ctrl ") {
                Some("+") => ("plus", true),
                Some("−") => ("minus", true),
                Some(",") => ("comma", true),
                Some(letter) => (letter, true),
                None => (told, false),
            };
            assert!(Command::of_key(name, control).is_some(), "{told}");
            assert!(Command::of_key(name, !control).is_none(), "{told}");
        }
        assert_eq!(Command::of_key("Escape", false), Some(Command::Back));
        assert_eq!(Command::of_key("z", true), None);
    }
}
