//! `cargo xtask drill`: fault injection, with figures.

mod autobahn;

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};
use xshell::cmd;

use crate::tools::{apt, apt::REDIS, chromium, node::Node};
use crate::workspace::Workspace;
use crate::{hub, output};

const PACKAGE: &str = "live-dashboard-drill";

/// Which drill.
#[derive(Args)]
pub(crate) struct Options {
    drill: Drill,
    /// Flags of the drill itself; `-- --help` lists them
    #[arg(last = true)]
    flags: Vec<OsString>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Drill {
    /// Kill the hub while it is published to: messages lost, duplicated, out of order
    Kill,
    /// Kill one of two hubs that share a Redis: messages lost, doubled, out of order
    KillHub,
    /// Kill their Redis
    KillRedis,
    /// Stop their Redis for 20 s
    Freeze,
    /// Cut one of them off from it for 20 s
    Partition,
    /// Let 1 viewer in 100 stop reading: memory, and the latency of the others
    Slow,
    /// Kill a hub with 2,000 viewers: when each is back, and what it misses
    Storm,
    /// Publish to a page in Chromium for ten minutes: DOM nodes and memory
    Soak,
    /// Autobahn's cases for WebSocket servers, without compression; needs Python 2.7
    Autobahn,
}

/// Builds what the drill needs, and runs it.
pub(crate) fn drill(workspace: &Workspace, options: &Options) -> Result<()> {
    let Options { drill, flags } = options;
    match drill {
        Drill::Autobahn => return autobahn::run(workspace),
        Drill::KillHub | Drill::KillRedis | Drill::Freeze | Drill::Partition => {
            apt::ensure(workspace, "the drill", REDIS)?;
        }
        Drill::Kill | Drill::Slow | Drill::Storm | Drill::Soak => {}
    }
    let (_, hub) = hub::build_release(workspace)?;
    if *drill == Drill::Soak {
        return soak(workspace, &hub, flags);
    }
    let name = drill.to_possible_value().expect("no drill is hidden");
    run(workspace, &hub, name.get_name(), flags)
}

/// Measures what publishing costs with each engine.
pub(crate) fn engine(workspace: &Workspace, flags: &[OsString]) -> Result<()> {
    apt::ensure(workspace, "the engine on Redis", REDIS)?;
    let (_, hub) = hub::build_release(workspace)?;
    run(workspace, &hub, "engine", flags)
}

fn run(workspace: &Workspace, hub: &Path, name: &str, flags: &[OsString]) -> Result<()> {
    output::step(&format!("Building the drills (release), then: {name}"));
    cmd!(
        workspace.shell,
        "cargo run --release --package {PACKAGE} -- --hub {hub} {name} {flags...}"
    )
    .run()?;
    Ok(())
}

fn soak(workspace: &Workspace, hub: &Path, flags: &[OsString]) -> Result<()> {
    let node = Node::ensure(workspace)?;
    let chromium = chromium::ensure(workspace)?;
    node.install_locked(&workspace.root.join("tests/browser"))?;
    output::step("Publishing to a page in Chromium; this takes ten minutes");
    let _browser_tests = workspace.shell.push_dir("tests/browser");
    node.prepare(cmd!(workspace.shell, "node soak.mjs {flags...}"))?
        .env("LIVE_DASHBOARD_HUB", hub)
        .env(chromium::VARIABLE, chromium)
        .run()?;
    Ok(())
}
