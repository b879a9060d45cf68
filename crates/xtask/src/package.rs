//! `cargo xtask package`: the desktop app as a Debian package, by cargo-deb from
//! the `[package.metadata.deb]` of the root `Cargo.toml`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::output;
use crate::tools::apt;
use crate::tools::cargo::Program;
use crate::workspace::Workspace;

/// The name of the package and of its program.
pub(crate) const NAME: &str = "live-dashboard";

const CARGO_DEB: Program<'_> = Program {
    name: "cargo-deb",
    package: "cargo-deb",
    version: "3.8.0",
    exact: false,
    flags: &["--locked"],
};

/// Builds the app for release and packages it; returns the package's path.
pub(crate) fn package(workspace: &Workspace) -> Result<PathBuf> {
    ensure!(
        cfg!(target_os = "linux"),
        "Debian packages can be built on Linux only; elsewhere use `dx bundle --platform desktop`"
    );
    apt::ensure(workspace, "packaging", "dpkg-dev")?;
    CARGO_DEB.ensure(workspace)?;
    build(workspace)?;

    output::step("Packaging it for Debian");
    let directory = workspace.target.join("package");
    workspace.shell.remove_path(&directory)?;
    let package = cmd!(
        workspace.shell,
        "cargo deb --package {NAME} --no-build --no-strip --output {directory}"
    )
    .read()?;
    Ok(package.into())
}

/// Builds the desktop app for release and returns its path.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    apt::ensure_webkit(workspace)?;
    output::step("Building the desktop app (release)");
    cmd!(
        workspace.shell,
        "cargo build --release --package {NAME} --features desktop --bin {NAME}"
    )
    .run()?;
    Ok(workspace.target.join("release").join(NAME))
}
