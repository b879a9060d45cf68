//! `cargo xtask run`: from a checkout to moving numbers.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::workspace::Workspace;
use crate::{hub, page, process, say};

/// What the hub shows, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the numbers come from: demo (made up) or self (the hub's own traffic)
    #[arg(long, default_value = "demo", value_parser = ["demo", "self"])]
    source: Vec<String>,
    /// The address to listen on
    #[arg(long, default_value = hub::ADDRESS)]
    listen: String,
    /// Further flags for the hub's `serve`
    #[arg(last = true)]
    hub_flags: Vec<OsString>,
}

/// Builds page and hub and becomes the hub. Returns only if that fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let page = page::build(workspace)?;
    say::note(&page.size.report());
    let hub = hub::build_release(workspace, &page)?;

    say::step(&format!(
        "Starting the hub (source: {}); open the address below, Ctrl-C ends it",
        options.source.join(", ")
    ));
    let mut serve = Command::new(hub);
    serve.arg("serve").args(["--listen", &options.listen]);
    for source in &options.source {
        serve.args(["--source", source]);
    }
    Err(process::become_program(serve.args(&options.hub_flags)))
}
