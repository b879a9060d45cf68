//! `cargo xtask package`: the desktop app as a Debian package.
//!
//! - [`tree`]: the files as they lie on the system, and where they come from.
//! - [`control`]: what the package says of itself, its dependencies found by
//!   Debian's own tool in the program itself.

mod control;
mod tree;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::tools::{apt, find, webkit};
use crate::workspace::Workspace;
use crate::{files, process, say};

/// What package and program are called.
pub(crate) const NAME: &str = "live-dashboard";

/// Builds the app for release and packs it; gives the package's path.
pub(crate) fn package(workspace: &Workspace) -> Result<PathBuf> {
    ensure!(
        cfg!(target_os = "linux"),
        "a Debian package can be made on Linux only; elsewhere `dx bundle --platform desktop` \
         makes what the system has"
    );
    if find("dpkg-shlibdeps").is_none() {
        apt::install("Debian's packing tools", &["dpkg-dev"])?;
    }
    let program = build(workspace)?;

    say::step("Packing it for Debian");
    let directory = workspace.target.join("package");
    files::remove_directory(&directory)?;
    let root = directory.join("root");
    tree::lay_out(workspace, &program, &root)?;
    let control = control::control(&directory, &root)?;
    files::write(&root.join("DEBIAN/control"), control.text())?;
    let package = directory.join(control.file_name());
    process::run(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", "--build"])
            .args([&root, &package]),
    )?;
    Ok(package)
}

/// The desktop app, built for release.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    webkit::ensure()?;
    say::step("Building the desktop app (release)");
    process::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", NAME])
            .args(["--features", "desktop", "--bin", NAME]),
    )?;
    let program = workspace.target.join("release").join(NAME);
    program
        .exists()
        .then_some(program)
        .context("cargo built the app, but it is not there")
}
