//! What the project depends on: licences, sources, bans, advisories.

use anyhow::Result;

use crate::process;
use crate::test::rust::passes;
use crate::test::tally::Tally;
use crate::tools::rust::Program;
use crate::workspace::Workspace;

/// The rules of `deny.toml`.
pub(crate) fn policy(workspace: &Workspace) -> Result<Tally> {
    ensure_cargo_deny()?;
    passes(
        workspace
            .cargo()
            .args(["deny", "--log-level", "error", "check"])
            .args(["bans", "licenses", "sources"]),
    )
}

/// Known vulnerabilities. The database lies elsewhere, so a machine that does
/// not reach it cannot tell.
pub(crate) fn advisories(workspace: &Workspace) -> Result<Tally> {
    ensure_cargo_deny()?;
    if process::capture(workspace.cargo().args(["deny", "fetch", "db"])).is_err() {
        return Ok(Tally::skipped("advisories: not reachable, skipped"));
    }
    passes(
        workspace
            .cargo()
            .args(["deny", "check", "--disable-fetch", "advisories"]),
    )
}

fn ensure_cargo_deny() -> Result<()> {
    Program {
        name: "cargo-deny",
        package: "cargo-deny",
        version: "0.20.2",
        exact: false,
        patience: "about 5 minutes on 2 cores",
        flags: &["--locked"],
    }
    .ensure()?;
    Ok(())
}
