//! `cargo xtask dev`: a demo hub, and `dx serve` beside it with hot reload.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::tools::dx::Dx;
use crate::workspace::Workspace;
use crate::{hub, process, say};

/// What is passed on.
#[derive(Args)]
pub(crate) struct Options {
    /// Further flags for `dx serve`, such as `--port 8081` or `--open false`
    #[arg(last = true)]
    dx_flags: Vec<OsString>,
}

/// Runs both until one ends or Ctrl-C ends them.
pub(crate) fn dev(workspace: &Workspace, options: &Options) -> Result<()> {
    let dx = Dx::ensure(workspace)?;
    let hub = hub::build_debug(workspace)?;

    say::step("Starting a demo hub and dx beside it; Ctrl-C ends both");
    let mut serve_hub = Command::new(hub);
    serve_hub.args(["serve", "--source", "demo", "--listen", hub::ADDRESS]);
    let mut serve_page = dx.command(workspace);
    serve_page
        .args(["serve", "--platform", "web"])
        .args(&options.dx_flags);
    process::run_together(vec![serve_hub, serve_page])
}
