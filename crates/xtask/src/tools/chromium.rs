//! The browser of the browser tests: the user's or Debian's, never a download.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::tools::{apt, find};

/// The variable that names a browser, for the user and for the tests.
pub(crate) const VARIABLE: &str = "CHROMIUM";
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser's path.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(VARIABLE) {
        let chosen = PathBuf::from(chosen);
        ensure!(
            chosen.exists(),
            "{VARIABLE} names {}, which is not there",
            chosen.display()
        );
        return Ok(chosen);
    }
    if let Some(found) = NAMES.into_iter().find_map(find) {
        return Ok(found);
    }
    apt::install("Chromium", &["chromium"])?;
    find(NAMES[0]).context("Chromium was installed but is not on the PATH")
}
