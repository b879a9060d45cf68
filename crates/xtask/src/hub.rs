//! The hub's binary.

use std::path::PathBuf;

use anyhow::Result;

use crate::page::Page;
use crate::process;
use crate::say;
use crate::workspace::Workspace;

/// Where the hub listens unless told otherwise; `Dioxus.toml` sends what the
/// page asks for there.
pub(crate) const ADDRESS: &str = "127.0.0.1:8400";

const PACKAGE: &str = "live-dashboard-hub";

/// Builds the hub for release, with the page inside, and returns its path.
pub(crate) fn build_release(workspace: &Workspace, page: &Page) -> Result<PathBuf> {
    say::step("Building the hub (release, with the page inside)");
    process::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", PACKAGE])
            .args(["--features", "embedded-page"])
            .env("LIVE_DASHBOARD_PAGE_DIR", &page.directory),
    )?;
    Ok(workspace.target.join("release").join(PACKAGE))
}

/// Builds the hub for debugging, without a page, and returns its path.
pub(crate) fn build_debug(workspace: &Workspace) -> Result<PathBuf> {
    say::step("Building the hub (debug)");
    process::run(workspace.cargo().args(["build", "--package", PACKAGE]))?;
    Ok(workspace.target.join("debug").join(PACKAGE))
}
