//! `cargo xtask drill`: faults on purpose, and the figures that came of them.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::tools::{chromium, node::Node};
use crate::workspace::Workspace;
use crate::{hub, page, process, say};

const PACKAGE: &str = "live-dashboard-drill";

/// Which drill.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    /// Kills the hub under publishers: lost, duplicated, out of order
    Kill(Flags),
    /// Lets 1 viewer in 100 stop reading: memory, and the others' latency
    Slow(Flags),
    /// Kills the hub under 2,000 viewers: who returns when, and what is missed
    Storm(Flags),
    /// Ten minutes of messages into a page in Chromium: DOM nodes and memory
    Soak(Flags),
}

#[derive(Args)]
struct Flags {
    /// What the drill itself takes; `-- --help` lists it
    #[arg(last = true)]
    flags: Vec<OsString>,
}

/// Builds what the drill needs, for release, and runs it.
pub(crate) fn drill(workspace: &Workspace, options: &Options) -> Result<()> {
    let page = page::build(workspace)?;
    let hub = hub::build_release(workspace, &page)?;
    let (name, Flags { flags }) = match &options.drill {
        Drill::Kill(flags) => ("kill", flags),
        Drill::Slow(flags) => ("slow", flags),
        Drill::Storm(flags) => ("storm", flags),
        Drill::Soak(flags) => {
            let node = Node::ensure(workspace)?;
            let directory = workspace.root.join("tests/browser");
            node.install_locked(&directory)?;
            say::step("Soaking a page in Chromium; this takes ten minutes");
            return process::run(
                node.command(Path::new("node"))?
                    .arg("soak.mjs")
                    .args(&flags.flags)
                    .current_dir(&directory)
                    .env("LIVE_DASHBOARD_HUB", hub)
                    .env(chromium::VARIABLE, chromium::ensure()?),
            );
        }
    };
    say::step(&format!("Building the drills (release), then: {name}"));
    process::run(
        workspace
            .cargo()
            .args(["run", "--release", "--package", PACKAGE, "--"])
            .arg("--hub")
            .arg(hub)
            .arg(name)
            .args(flags),
    )
}
