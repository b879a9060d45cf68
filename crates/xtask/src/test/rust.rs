//! Format, lints, docs, Rust's tests, the desktop renderer.

use std::process::Command;

use anyhow::Result;

use crate::page;
use crate::process;
use crate::test::tally::Tally;
use crate::tools::{rust, webkit};
use crate::workspace::Workspace;

/// `cargo fmt`.
pub(crate) fn format(workspace: &Workspace) -> Result<Tally> {
    passes(workspace.cargo().args(["fmt", "--all", "--check"]))
}

/// Lints of all packages and their tests.
pub(crate) fn clippy(workspace: &Workspace) -> Result<Tally> {
    passes(&mut lint(workspace, &["--workspace", "--all-targets"]))
}

/// Lints of what is compiled for the browser.
pub(crate) fn clippy_wasm(workspace: &Workspace) -> Result<Tally> {
    rust::ensure_target(workspace, page::TARGET)?;
    let page = [
        "--package",
        page::NAME,
        "--features",
        "web",
        "--lib",
        "--bins",
    ];
    let protocol = ["--package", "live-dashboard-protocol"];
    for packages in [page.as_slice(), &protocol] {
        process::run(&mut lint(
            workspace,
            &[packages, &["--target", page::TARGET]].concat(),
        ))?;
    }
    Ok(Tally::passed())
}

/// Lints of the page with the desktop renderer, which wants WebKit's headers.
pub(crate) fn desktop(workspace: &Workspace) -> Result<Tally> {
    webkit::ensure()?;
    let page = [
        "--package",
        page::NAME,
        "--features",
        "desktop",
        "--lib",
        "--bins",
    ];
    passes(&mut lint(workspace, &page))
}

/// The documentation, private items too.
pub(crate) fn docs(workspace: &Workspace) -> Result<Tally> {
    passes(
        workspace
            .cargo()
            .args(["doc", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// All Rust tests, those in documentation too.
pub(crate) fn tests(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    let status = process::listen(
        workspace
            .cargo()
            .args(["test", "--workspace", "--no-fail-fast"]),
        |line| tally.hear(line),
    )?;
    tally.confirmed(status.success())
}

/// A command as a check: one that passed, or an error.
pub(super) fn passes(command: &mut Command) -> Result<Tally> {
    process::run(command)?;
    Ok(Tally::passed())
}

fn lint(workspace: &Workspace, what: &[&str]) -> Command {
    let mut clippy = workspace.cargo();
    clippy
        .arg("clippy")
        .args(what)
        .args(["--", "--deny", "warnings"]);
    clippy
}
