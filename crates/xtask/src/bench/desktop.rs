//! The desktop app beside the page in Chromium, on a virtual screen.

use anyhow::Result;
use clap::Args;

use crate::test::desktop;
use crate::tools::chromium;
use crate::workspace::Workspace;
use crate::{hub, output, package};

#[derive(Args)]
pub(crate) struct Options {
    /// Starts of each; the medians are reported
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Minutes to watch the app's memory afterwards; 0 to skip this
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
}

pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<()> {
    desktop::ensure_tools(workspace)?;
    let chromium = chromium::ensure(workspace)?;
    let app = package::build(workspace)?;
    let (page, hub) = hub::build_release(workspace)?;
    output::step("Measuring on a virtual screen");
    desktop::on_virtual_screen(workspace, "figures.py")
        .args([options.rounds.to_string(), options.minutes.to_string()])
        .env("LIVE_DASHBOARD_APP", app)
        .env("LIVE_DASHBOARD_HUB", hub)
        .env("LIVE_DASHBOARD_PAGE", page.directory)
        .env(chromium::VARIABLE, chromium)
        .run()?;
    Ok(())
}
