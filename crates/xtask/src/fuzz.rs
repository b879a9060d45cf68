//! `cargo xtask fuzz`: the targets of `crates/fuzz`, by cargo-bolero with libFuzzer. What it
//! finds becomes part of the corpus there.

use anyhow::Result;
use clap::{Args, ValueEnum};
use xshell::cmd;

use crate::output;
use crate::tools::cargo::Program;
use crate::workspace::Workspace;

const CARGO_BOLERO: Program<'_> = Program {
    name: "cargo-bolero",
    package: "cargo-bolero",
    version: "0.13.5",
    exact: false,
    flags: &["--locked"],
};

const PACKAGE: &str = "live-dashboard-fuzz";

/// Which targets, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// All, if none is named
    target: Vec<Target>,
    /// Seconds for each target
    #[arg(long, default_value_t = 600)]
    seconds: u32,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Target {
    /// What comes over a WebSocket, to the hub and to a page
    Frame,
    /// The body of a publish request
    Publish,
    /// A token, and its claims
    Token,
    /// A layout file
    Layout,
}

/// Runs one target after the other. An error if one fails; the input is then in `crashes`
/// beside its corpus.
pub(crate) fn fuzz(workspace: &Workspace, options: &Options) -> Result<()> {
    CARGO_BOLERO.ensure(workspace)?;
    let time = format!("{}s", options.seconds);
    let all = Target::value_variants().iter();
    for target in all.filter(|one| options.target.is_empty() || options.target.contains(one)) {
        let name = target.to_possible_value().expect("no target is hidden");
        let name = name.get_name();
        output::step(&format!("Fuzzing {name} for {time}"));
        // Sanitizers need a nightly toolchain, and there is no unsafe code to find fault with.
        cmd!(
            workspace.shell,
            "cargo bolero test {name} --package {PACKAGE} --sanitizer=NONE -T {time}
             --max-input-length 4096"
        )
        .run()?;
    }
    Ok(())
}
