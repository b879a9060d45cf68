//! `cargo xtask dev`: a demo hub, and `dx serve` beside it with hot reload.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::process::Background;
use crate::tools::{dx::Dx, find};
use crate::workspace::Workspace;
use crate::{hub, output};

/// Flags for dx.
#[derive(Args)]
pub(crate) struct Options {
    /// Further flags for `dx serve`, such as `--port 8081` or `--open false`
    #[arg(last = true)]
    dx_flags: Vec<OsString>,
}

/// Runs both until dx ends.
pub(crate) fn dev(workspace: &Workspace, options: &Options) -> Result<()> {
    let dx = Dx::ensure(workspace)?;
    let hub = hub::build_debug(workspace, &[])?;

    output::step("Starting a demo hub and dx; Ctrl-C stops both");
    // On Linux both end with this process, even if it is killed.
    let tied: &[&str] = match find("setpriv") {
        Some(_) => &["setpriv", "--pdeathsig", "TERM"],
        None => &[],
    };
    let sh = &workspace.shell;
    let address = hub::ADDRESS;
    let _hub = Background::start(cmd!(
        sh,
        "env {tied...} {hub} serve --source demo --listen {address}"
    ))?;
    let (program, flags) = (&dx.program, &options.dx_flags);
    let serve = cmd!(
        sh,
        "env {tied...} {program} serve --platform web {flags...}"
    );
    Background::start(dx.prepare(serve))?.wait()
}
