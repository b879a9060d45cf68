//! The browser of the browser tests: the user's or Debian's, never a download.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::tools::{apt, find};
use crate::workspace::Workspace;

/// The variable that names a browser, for the user and for the tests.
pub(crate) const VARIABLE: &str = "CHROMIUM";
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser's path.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(VARIABLE).map(PathBuf::from) {
        let shown = chosen.display();
        ensure!(
            chosen.exists(),
            "{VARIABLE} is {shown}, which does not exist"
        );
        return Ok(chosen);
    }
    if let Some(found) = NAMES.into_iter().find_map(find) {
        return Ok(found);
    }
    apt::ensure(workspace, "the browser tests", "chromium")?;
    find("chromium").context("found no Chromium: install one, or set CHROMIUM to its path")
}
