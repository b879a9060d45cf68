//! The hub beside other servers: `crates/bench`.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::workspace::Workspace;
use crate::{hub, output};

#[derive(Args)]
pub(crate) struct Options {
    /// Flags of the measurement itself; `-- --help` lists them
    #[arg(last = true)]
    flags: Vec<OsString>,
}

/// Builds the hub, without a page, and the measurement for release, and runs it.
pub(super) fn measure(workspace: &Workspace, name: &str, options: &Options) -> Result<()> {
    let sh = &workspace.shell;
    output::step(&format!("Building the hub (release), then: {name}"));
    let hub = workspace.target.join("release").join(hub::PACKAGE);
    let package = hub::PACKAGE;
    cmd!(
        sh,
        "cargo build --release --package {package} --package live-dashboard-bench"
    )
    .run()?;
    let bench = workspace.target.join("release/live-dashboard-bench");
    let flags = &options.flags;
    cmd!(sh, "{bench} --hub {hub} {name} {flags...}").run()?;
    Ok(())
}
