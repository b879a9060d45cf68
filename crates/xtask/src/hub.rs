//! The hub's binary.

use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

use crate::output;
use crate::page::Page;
use crate::workspace::Workspace;

/// The hub's default address; `Dioxus.toml` has it too, for dx' proxy.
pub(crate) const ADDRESS: &str = "127.0.0.1:8400";

const PACKAGE: &str = "live-dashboard-hub";

/// Builds the hub for release, with the page inside, and returns its path.
pub(crate) fn build_release(workspace: &Workspace, page: &Page) -> Result<PathBuf> {
    output::step("Building the hub (release, with the page inside)");
    cmd!(
        workspace.shell,
        "cargo build --release --package {PACKAGE} --features embedded-page"
    )
    .env("LIVE_DASHBOARD_PAGE_DIR", &page.directory)
    .run()?;
    Ok(workspace.target.join("release").join(PACKAGE))
}

/// Builds the hub for debugging, without a page, and returns its path.
pub(crate) fn build_debug(workspace: &Workspace) -> Result<PathBuf> {
    output::step("Building the hub (debug)");
    cmd!(workspace.shell, "cargo build --package {PACKAGE}").run()?;
    Ok(workspace.target.join("debug").join(PACKAGE))
}
