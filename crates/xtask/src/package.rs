//! `cargo xtask package`: the desktop app or the hub as a Debian package, by cargo-deb
//! from the `[package.metadata.deb]` of its `Cargo.toml`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use xshell::cmd;

use crate::tools::apt;
use crate::tools::cargo::Program;
use crate::workspace::Workspace;
use crate::{hub, output};

/// The name of the desktop app's package and of its program.
pub(crate) const NAME: &str = "live-dashboard";

/// What can be packaged.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Product {
    /// The desktop app
    Desktop,
    /// The hub, with the page inside, as a systemd service
    Hub,
}

const CARGO_DEB: Program<'_> = Program {
    name: "cargo-deb",
    package: "cargo-deb",
    version: "3.8.0",
    exact: false,
    flags: &["--locked"],
};

/// Builds a product for release and packages it; returns the package's path.
pub(crate) fn package(workspace: &Workspace, product: Product) -> Result<PathBuf> {
    ensure!(
        cfg!(target_os = "linux"),
        "Debian packages can be built on Linux only; elsewhere use `dx bundle --platform desktop` \
         for the app"
    );
    apt::ensure(workspace, "packaging", "dpkg-dev")?;
    CARGO_DEB.ensure(workspace)?;
    let name = match product {
        Product::Desktop => {
            build(workspace)?;
            NAME
        }
        Product::Hub => {
            hub::build_release(workspace)?;
            hub::PACKAGE
        }
    };

    output::step("Packaging it for Debian");
    let directory = workspace.target.join("package");
    workspace.shell.create_dir(&directory)?;
    let package = cmd!(
        workspace.shell,
        "cargo deb --package {name} --no-build --no-strip --output {directory}"
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
