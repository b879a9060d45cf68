//! Where the window was, and how, from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::FileError;
use super::file::{directories, read, write};

/// The window as it was left.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Remembered {
    /// Width and height without the frame, in logical pixels.
    pub size: (f64, f64),
    /// The outer left upper corner, in physical pixels of the whole desktop;
    /// `None` where the system shall choose.
    pub position: Option<(i32, i32)>,
    /// Whether it filled its screen below the system's bars.
    pub maximized: bool,
    /// Whether it stood above all others.
    pub always_on_top: bool,
    /// How large everything is drawn; 1 is as it was designed.
    pub zoom: f64,
}

impl Default for Remembered {
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

impl Remembered {
    /// The smallest window in logical pixels: a phone's width still works.
    pub const SMALLEST: (f64, f64) = (320.0, 240.0);
    /// The largest one: what is more is no size of a screen.
    const LARGEST: f64 = 16_384.0;
    /// The steps of the zoom, as browsers have them.
    const ZOOMS: [f64; 13] = [
        0.5, 0.67, 0.75, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0,
    ];

    /// What was remembered last; the default where that cannot be read.
    pub fn read() -> Self {
        let known: Option<Self> = Self::path().and_then(|path| read(&path).ok().flatten());
        known.unwrap_or_default().sane()
    }

    /// Remembers this from now on.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self) -> Result<(), FileError> {
        Self::path().map_or(Ok(()), |path| write(&path, self))
    }

    /// The next larger zoom, or the next smaller one; the same at the end.
    pub fn zoomed(&self, larger: bool) -> f64 {
        let beyond = |zoom: &&f64| (**zoom > self.zoom) == larger && **zoom != self.zoom;
        let mut zooms = Self::ZOOMS.iter().filter(beyond);
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

    /// The same within what can be: a file may hold anything.
    fn sane(self) -> Self {
        let default = Self::default();
        let within = |value: f64, least: f64, most: f64, default: f64| match value.is_finite() {
            true => value.clamp(least, most),
            false => default,
        };
        let (width, height) = self.size;
        let (least_width, least_height) = Self::SMALLEST;
        Self {
            size: (
                within(width, least_width, Self::LARGEST, default.size.0),
                within(height, least_height, Self::LARGEST, default.size.1),
            ),
            zoom: within(
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
    fn zoom_goes_step_by_step_and_ends() {
        let mut window = Remembered::default();
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
    fn what_cannot_be_is_made_possible() {
        let window: Remembered =
            toml::from_str("size = [1.0, inf]\nzoom = 99.0\nposition = [-50, 7]").expect("TOML");
        let window = window.sane();
        assert_eq!(window.size, (320.0, 800.0));
        assert_eq!(window.zoom, 3.0);
        assert_eq!(window.position, Some((-50, 7)));
        assert!(!window.maximized);
    }

    #[test]
    fn it_survives_its_file() {
        let window = Remembered {
            position: Some((-3, 4)),
            maximized: true,
            zoom: 1.25,
            ..Remembered::default()
        };
        let text = toml::to_string(&window).expect("TOML");
        assert_eq!(toml::from_str::<Remembered>(&text), Ok(window));
        let without = toml::to_string(&Remembered::default()).expect("TOML");
        assert_eq!(toml::from_str(&without), Ok(Remembered::default()));
    }
}
