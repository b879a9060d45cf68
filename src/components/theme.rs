//! The colour scheme.

/// A colour scheme that was asked for; without one the system's setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Light text on dark ground.
    Dark,
    /// Dark text on light ground.
    Light,
}

impl Theme {
    /// The theme of this name; `None` for any other name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Dark, Self::Light]
            .into_iter()
            .find(|theme| theme.as_str() == name)
    }

    /// The theme's name, as it stands in `data-theme` and in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}
