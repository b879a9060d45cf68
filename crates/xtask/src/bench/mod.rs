//! `cargo xtask bench`: figures that mean something only in comparison.

mod desktop;
mod page;
mod server;

use anyhow::Result;
use clap::Subcommand;

use crate::drill;
use crate::workspace::Workspace;

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Start time, memory and use of the processor of the desktop app and of the page in
    /// Chromium
    Desktop(desktop::Options),
    /// What publishing costs with each engine: latency, processor, memory of Redis
    Engine {
        /// Flags of the measurement itself; `-- --help` lists them
        #[arg(last = true)]
        flags: Vec<std::ffi::OsString>,
    },
    /// The page's use of the processor, memory and network beside pages in React and
    /// of hand-placed DOM writes
    Page(page::Options),
    /// The hub's fan-out beside a bare `write` and nginx's nchan
    Fanout(server::Options),
    /// Publishing: processor time, and durable publishes beside Redis
    Publish(server::Options),
    /// Viewers that only wait: memory and processor time
    Idle(server::Options),
}

/// Measures and prints the figures.
pub(crate) fn bench(workspace: &Workspace, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Desktop(options) => desktop::measure(workspace, options),
        Bench::Engine { flags } => drill::engine(workspace, flags),
        Bench::Page(options) => page::measure(workspace, options),
        Bench::Fanout(options) => server::measure(workspace, "fanout", options),
        Bench::Publish(options) => server::measure(workspace, "publish", options),
        Bench::Idle(options) => server::measure(workspace, "idle", options),
    }
}
