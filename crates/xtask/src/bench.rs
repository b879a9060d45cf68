//! `cargo xtask bench`: figures that mean something only in comparison.

use anyhow::Result;
use clap::Subcommand;

use crate::test::desktop;
use crate::tools::chromium;
use crate::workspace::Workspace;
use crate::{hub, output, package};

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Start time and memory of the desktop app and of the page in Chromium
    Desktop {
        /// Starts of each; the medians are reported
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// Minutes to watch the app's memory afterwards; 0 to skip this
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
}

/// Measures and prints the figures.
pub(crate) fn bench(workspace: &Workspace, bench: &Bench) -> Result<()> {
    let Bench::Desktop { rounds, minutes } = bench;
    desktop::ensure_tools(workspace)?;
    let chromium = chromium::ensure(workspace)?;
    let app = package::build(workspace)?;
    let (page, hub) = hub::build_release(workspace)?;
    output::step("Measuring on a virtual screen");
    desktop::on_virtual_screen(workspace, "figures.py")
        .args([rounds.to_string(), minutes.to_string()])
        .env("LIVE_DASHBOARD_APP", app)
        .env("LIVE_DASHBOARD_HUB", hub)
        .env("LIVE_DASHBOARD_PAGE", page.directory)
        .env(chromium::VARIABLE, chromium)
        .run()?;
    Ok(())
}
