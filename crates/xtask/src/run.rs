//! `cargo xtask run`: from a checkout to a running dashboard.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::workspace::Workspace;
use crate::{hub, output, process};

/// What the hub shows, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// Sources of the numbers: demo (made up), self (the hub's own traffic), system (this
    /// machine, on the dashboard `machine`)
    #[arg(long, default_values = ["demo", "system"], value_parser = ["demo", "self", "system"])]
    source: Vec<String>,
    /// Address to listen on
    #[arg(long, default_value = hub::ADDRESS)]
    listen: String,
    /// Further flags for the hub's `serve`
    #[arg(last = true)]
    hub_flags: Vec<OsString>,
}

/// Builds page and hub and becomes the hub. Returns only if that fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let (page, hub) = hub::build_release(workspace)?;
    output::note(&page.size.to_string());

    let Options {
        source,
        listen,
        hub_flags,
    } = options;
    output::step(&format!(
        "Starting the hub (sources: {}); open the address below, Ctrl-C stops it",
        source.join(", ")
    ));
    let sources = source.iter().flat_map(|source| ["--source", source]);
    let serve = cmd!(
        workspace.shell,
        "{hub} serve --listen {listen} {sources...} {hub_flags...}"
    );
    Err(process::exec(serve))
}
