//! The hub's binary.

use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

use crate::output;
use crate::page::{self, Page};
use crate::process::Background;
use crate::workspace::Workspace;

/// The hub's default address; `Dioxus.toml` has it too, for dx's proxy.
pub(crate) const ADDRESS: &str = "127.0.0.1:8400";

/// The name of its package and of its program.
pub(crate) const PACKAGE: &str = "live-dashboard-hub";

/// Builds page and hub for release, the page inside the hub, and returns the page
/// and the hub's path. Only the hub's binary waits for the page: its library and
/// the page are built side by side, as the page's last steps use one core only.
pub(crate) fn build_release(workspace: &Workspace) -> Result<(Page, PathBuf)> {
    let build = || {
        cmd!(
            workspace.shell,
            "cargo build --release --package {PACKAGE} --features embedded-page"
        )
    };
    output::step("Building the hub's library beside the page (release; minutes, the first time)");
    let library = Background::start(build().args(["--lib", "--quiet"]))?;
    let page = page::build(workspace)?;
    output::step("Building the hub (release, with the page inside)");
    library.wait()?;
    build()
        .env("LIVE_DASHBOARD_PAGE_DIR", &page.directory)
        .run()?;
    Ok((page, workspace.target.join("release").join(PACKAGE)))
}

/// Builds the hub for debugging, without a page, and returns its path.
pub(crate) fn build_debug(workspace: &Workspace, features: &[&str]) -> Result<PathBuf> {
    output::step("Building the hub (debug)");
    let features = features.join(",");
    cmd!(
        workspace.shell,
        "cargo build --package {PACKAGE} --features={features}"
    )
    .run()?;
    Ok(workspace.target.join("debug").join(PACKAGE))
}
