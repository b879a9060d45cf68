//! `cargo xtask bench`: what is fast and small enough only beside others.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::test::desktop;
use crate::tools::chromium;
use crate::workspace::Workspace;
use crate::{hub, package, page, process, say};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The desktop app's start and memory, beside the page in a Chromium window
    Desktop(Desktop),
}

#[derive(Args)]
struct Desktop {
    /// How often each is started; the medians are told
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// For how long the app's memory is watched afterwards; 0 for not at all
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
}

/// Measures and prints the figures.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    let What::Desktop(Desktop { rounds, minutes }) = &options.what;
    desktop::ensure_tools()?;
    let chromium = chromium::ensure()?;
    let app = package::build(workspace)?;
    let page = page::build(workspace)?;
    let hub = hub::build_debug(workspace)?;
    say::step("Measuring on a screen of its own");
    process::run(
        desktop::on_a_screen(workspace, "figures.py")
            .args([rounds.to_string(), minutes.to_string()])
            .env("LIVE_DASHBOARD_APP", app)
            .env("LIVE_DASHBOARD_HUB", hub)
            .env("LIVE_DASHBOARD_PAGE", page.directory)
            .env(chromium::VARIABLE, chromium),
    )
}
