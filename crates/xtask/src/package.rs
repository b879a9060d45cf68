//! `cargo xtask package`: the desktop app or the hub as a Debian package, by cargo-deb
//! from the `[package.metadata.deb]` of its `Cargo.toml`; or the hub as an archive for any
//! Linux, and for a container image.

use std::env::consts::ARCH;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use xshell::cmd;

use crate::tools::apt;
use crate::tools::cargo::{self, Program};
use crate::workspace::Workspace;
use crate::{hub, output, page};

/// The name of the desktop app's package and of its program.
pub(crate) const NAME: &str = "live-dashboard";

/// What can be packaged.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Product {
    /// The desktop app
    Desktop,
    /// The hub, with the page inside, as a systemd service
    Hub,
    /// The same as one static program, in an archive with its unit and Containerfile
    HubStatic,
}

const CARGO_DEB: Program<'_> = Program {
    name: "cargo-deb",
    package: "cargo-deb",
    version: "3.8.0",
    exact: false,
    flags: &["--locked"],
};

/// Builds a product for release and packages it; returns the path of the package.
pub(crate) fn package(workspace: &Workspace, product: Product) -> Result<PathBuf> {
    ensure!(
        cfg!(target_os = "linux"),
        "packages can be built on Linux only; elsewhere use `dx bundle --platform desktop` \
         for the app"
    );
    let ensure_tools = || -> Result<()> {
        apt::ensure(workspace, "packaging", "dpkg-dev")?;
        CARGO_DEB.ensure(workspace).map(drop)
    };
    let name = match product {
        Product::Desktop => {
            ensure_tools()?;
            build(workspace)?;
            NAME
        }
        Product::Hub => {
            ensure_tools()?;
            hub::build_release(workspace)?;
            hub::PACKAGE
        }
        Product::HubStatic => return archive(workspace),
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

/// Builds the hub with musl, which it contains, and archives it with what its installation
/// needs. Returns the archive's path; beside it is the directory that it contains.
fn archive(workspace: &Workspace) -> Result<PathBuf> {
    let sh = &workspace.shell;
    let target = format!("{ARCH}-unknown-linux-musl");
    cargo::ensure_target(workspace, &target)?;
    apt::ensure(workspace, "a static hub", "musl-tools")?;
    let page = page::build(workspace)?;
    let program = hub::PACKAGE;
    output::step("Building the hub (release, static, with the page inside)");
    cmd!(
        sh,
        "cargo build --release --target {target} --package {program} --features embedded-page"
    )
    .env("LIVE_DASHBOARD_PAGE_DIR", &page.directory)
    .run()?;

    let name = format!("{program}-{}-{ARCH}-linux", env!("CARGO_PKG_VERSION"));
    let packages = workspace.target.join("package");
    let directory = packages.join(&name);
    sh.remove_path(&directory)?;
    // Empty: the data of a container.
    sh.create_dir(directory.join("data"))?;
    let built = workspace.target.join(target).join("release").join(program);
    let packaging = workspace.root.join("packaging/hub");
    let files = ["Containerfile", "hub.toml", "live-dashboard-hub.service"];
    let files = files.map(|file| packaging.join(file));
    let licenses = ["LICENSE-APACHE", "LICENSE-MIT"].map(|file| workspace.root.join(file));
    for file in [built].iter().chain(&files).chain(&licenses) {
        sh.copy_file(file, &directory)?;
    }
    let archive = packages.join(format!("{name}.tar.gz"));
    cmd!(
        sh,
        "tar --create --gzip --owner=0 --group=0 --file {archive} --directory {packages} {name}"
    )
    .run()?;
    Ok(archive)
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
