//! Format, lints, docs, dependencies, Rust's tests.

use anyhow::Result;
use xshell::cmd;

use crate::page;
use crate::test::tally::Tally;
use crate::tools::apt;
use crate::tools::cargo::{self, Program};
use crate::workspace::Workspace;

const CARGO_DENY: Program<'_> = Program {
    name: "cargo-deny",
    package: "cargo-deny",
    version: "0.20.2",
    exact: false,
    flags: &["--locked"],
};
const DESKTOP: &str = "live-dashboard/desktop";
const ECHO: &str = "live-dashboard-hub/echo";

/// `cargo fmt`.
pub(crate) fn format(workspace: &Workspace) -> Result<Tally> {
    Tally::of_check(cmd!(workspace.shell, "cargo fmt --all --check"))
}

/// Lints of all packages and their tests.
pub(crate) fn clippy(workspace: &Workspace) -> Result<Tally> {
    apt::ensure_webkit(workspace)?;
    Tally::of_check(cmd!(
        workspace.shell,
        "cargo clippy --workspace --all-targets --features {DESKTOP},{ECHO} -- --deny warnings"
    ))
}

/// Lints of what is compiled for the browser, also in an app that embeds the dashboard.
pub(crate) fn clippy_wasm(workspace: &Workspace) -> Result<Tally> {
    let (page, target) = (page::NAME, page::TARGET);
    cargo::ensure_target(workspace, target)?;
    Tally::of_check(cmd!(
        workspace.shell,
        "cargo clippy --target {target} --package {page} --package live-dashboard-protocol
         --package rust-portal --features {page}/web,rust-portal/web --lib --bins
         -- --deny warnings"
    ))
}

/// The documentation.
pub(crate) fn docs(workspace: &Workspace) -> Result<Tally> {
    apt::ensure_webkit(workspace)?;
    let doc = cmd!(
        workspace.shell,
        "cargo doc --workspace --no-deps --features {DESKTOP}"
    );
    Tally::of_check(doc.env("RUSTDOCFLAGS", "--deny warnings"))
}

/// The rules of `deny.toml` about licences, sources and bans.
pub(crate) fn deny(workspace: &Workspace) -> Result<Tally> {
    CARGO_DENY.ensure(workspace)?;
    Tally::of_check(cmd!(
        workspace.shell,
        "cargo deny --workspace --log-level error check bans licenses sources"
    ))
}

/// Known vulnerabilities. Their database is on the internet.
pub(crate) fn advisories(workspace: &Workspace) -> Result<Tally> {
    let sh = &workspace.shell;
    CARGO_DENY.ensure(workspace)?;
    if cmd!(sh, "cargo deny fetch db").run().is_err() {
        return Ok(Tally::skipped("the database of advisories is unreachable"));
    }
    Tally::of_check(cmd!(
        sh,
        "cargo deny --workspace check --disable-fetch advisories"
    ))
}

/// All Rust tests, those in documentation too. This tool's own run apart, so that
/// they share the dependencies with the build that is running.
pub(crate) fn tests(workspace: &Workspace) -> Result<Tally> {
    let sh = &workspace.shell;
    apt::ensure(
        workspace,
        "the tests of the hub behind nginx",
        "nginx-light",
    )?;
    apt::ensure(workspace, "the tests of hubs on Redis", apt::REDIS)?;
    apt::ensure(
        workspace,
        "the test of what a publish costs",
        "strace valgrind",
    )?;
    let prometheus = "prometheus prometheus-alertmanager prometheus-node-exporter";
    apt::ensure(workspace, "the test of the hub with Prometheus", prometheus)?;
    let own = Tally::of_tests(cmd!(sh, "cargo test --package xtask"))?;
    let all = cmd!(sh, "cargo test --workspace --exclude xtask --no-fail-fast");
    Ok(Tally::of_tests(all)?.and(own))
}
