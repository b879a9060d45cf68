//! The window's size, position and zoom, saved for the next launch.

use std::path::PathBuf;

use live_dashboard::platform::desktop::directories;
use serde::{Deserialize, Serialize};

use super::files;

/// A window's state.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct WindowState {
    /// Width and height without the frame, in logical pixels.
    pub(crate) size: (f64, f64),
    /// The upper left corner of the frame, in physical pixels of the desktop;
    /// `None` lets the system choose.
    pub(crate) position: Option<(i32, i32)>,
    pub(crate) maximized: bool,
    pub(crate) always_on_top: bool,
    /// The zoom factor; 1 is the actual size.
    pub(crate) zoom: f64,
}

impl Default for WindowState {
    fn default() -> Self {
        Self {
            size: (1200.0, 800.0),
            position: None,
            maximized: false,
            always_on_top: false,
            zoom: 1.0,
        }
    }
}

impl WindowState {
    /// The minimum size in logical pixels: the width of a phone.
    pub(crate) const MIN_SIZE: (f64, f64) = (320.0, 240.0);
    /// The maximum width and height, beyond any screen.
    const MAX_SIDE: f64 = 16_384.0;
    /// The zoom levels of browsers.
    const ZOOMS: [f64; 13] = [
        0.5, 0.67, 0.75, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0,
    ];

    /// Reads the saved state; the default state if that fails.
    pub(crate) fn read() -> Self {
        let saved: Option<Self> = Self::path().and_then(|path| files::read(&path).ok().flatten());
        saved.unwrap_or_default().clamped()
    }

    /// Saves the state.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        Self::path().map_or(Ok(()), |path| files::write(&path, self))
    }

    /// The next larger or smaller zoom level; the current one at the end.
    pub(crate) fn zoomed(&self, larger: bool) -> f64 {
        let is_beyond = |zoom: &&f64| (**zoom > self.zoom) == larger && **zoom != self.zoom;
        let mut zooms = Self::ZOOMS.iter().filter(is_beyond);
        let next = if larger {
            zooms.next()
        } else {
            zooms.next_back()
        };
        next.copied().unwrap_or(self.zoom)
    }

    fn path() -> Option<PathBuf> {
        let directories = directories()?;
        let directory = directories
            .state_dir()
            .unwrap_or_else(|| directories.data_local_dir());
        Some(directory.join("window.toml"))
    }

    /// Limits the values to the possible ones, since a file may contain anything.
    fn clamped(self) -> Self {
        let default = Self::default();
        let clamp = |value: f64, min: f64, max: f64, default: f64| match value.is_finite() {
            true => value.clamp(min, max),
            false => default,
        };
        let (width, height) = self.size;
        let (min_width, min_height) = Self::MIN_SIZE;
        Self {
            size: (
                clamp(width, min_width, Self::MAX_SIDE, default.size.0),
                clamp(height, min_height, Self::MAX_SIDE, default.size.1),
            ),
            zoom: clamp(
                self.zoom,
                Self::ZOOMS[0],
                Self::ZOOMS[Self::ZOOMS.len() - 1],
                default.zoom,
            ),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_stops_at_the_last_level() {
        let mut window = WindowState::default();
        let mut steps = Vec::new();
        for _ in 0..8 {
            window.zoom = window.zoomed(true);
            steps.push(window.zoom);
        }
        assert_eq!(steps, [1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.0]);
        window.zoom = 1.3;
        assert_eq!(window.zoomed(false), 1.25);
        window.zoom = 0.5;
        assert_eq!(window.zoomed(false), 0.5);
    }

    #[test]
    fn impossible_values_are_clamped() {
        let window: WindowState =
            toml::from_str("size = [1.0, inf]\nzoom = 99.0\nposition = [-50, 7]").expect("TOML");
        let window = window.clamped();
        assert_eq!(window.size, (320.0, 800.0));
        assert_eq!(window.zoom, 3.0);
        assert_eq!(window.position, Some((-50, 7)));
        assert!(!window.maximized);
    }

    #[test]
    fn the_state_survives_its_file() {
        let window = WindowState {
            position: Some((-3, 4)),
            maximized: true,
            zoom: 1.25,
            ..WindowState::default()
        };
        let text = toml::to_string(&window).expect("TOML");
        assert_eq!(toml::from_str::<WindowState>(&text), Ok(window));
        let without = toml::to_string(&WindowState::default()).expect("TOML");
        assert_eq!(toml::from_str(&without), Ok(WindowState::default()));
    }
}
