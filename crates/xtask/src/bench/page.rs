//! The page beside its peers in Chromium: `tests/browser/bench`.

use anyhow::Result;
use clap::Args;
use xshell::cmd;

use crate::tools::{chromium, node::Node};
use crate::workspace::Workspace;
use crate::{hub, output};

#[derive(Args)]
pub(crate) struct Options {
    /// Seconds at each rate, for each page
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Rounds of all rates and pages; the medians are reported
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Messages per second, with commas between
    #[arg(long, default_value = "10,100,1000")]
    rates: String,
}

pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<()> {
    let sh = &workspace.shell;
    let node = Node::ensure(workspace)?;
    let chromium = chromium::ensure(workspace)?;
    let (_, hub) = hub::build_release(workspace)?;
    node.install_locked(&workspace.root.join("tests/browser"))?;
    let esbuild = node.install_tools()?.join("esbuild");
    let peers = workspace.target.join("bench/page");
    let _browser_tests = sh.push_dir("tests/browser");

    output::step("Building the pages to compare with");
    sh.remove_path(&peers)?;
    sh.create_dir(&peers)?;
    let flags = "--bundle --minify --format=esm --jsx=automatic --log-level=warning".split(' ');
    let production = r#"--define:process.env.NODE_ENV="production""#;
    let sources = ["bench/peers/react.jsx", "bench/peers/dom.js"];
    let build = cmd!(
        sh,
        "{esbuild} {sources...} {flags...} {production} --outdir={peers}"
    );
    node.prepare(build)?.run()?;
    for html in ["react.html", "dom.html"] {
        sh.copy_file(format!("bench/peers/{html}"), &peers)?;
    }

    let Options {
        seconds, rounds, ..
    } = options;
    let rates = &options.rates;
    output::step(&format!("Measuring {rounds} rounds of {seconds} s"));
    let (seconds, rounds) = (seconds.to_string(), rounds.to_string());
    let measure = cmd!(
        sh,
        "node bench/measure.mjs {peers} {seconds} {rounds} {rates}"
    );
    node.prepare(measure)?
        .env("LIVE_DASHBOARD_HUB", hub)
        .env(chromium::VARIABLE, chromium)
        .run()?;
    Ok(())
}
