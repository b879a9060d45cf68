//! What rustup and cargo install: the page's target, and programs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::cmd;

use crate::output;
use crate::tools::{Version, find, version_of};
use crate::workspace::Workspace;

/// Makes sure that the compiler can compile for a target.
pub(crate) fn ensure_target(workspace: &Workspace, target: &str) -> Result<()> {
    let sh = &workspace.shell;
    let libraries = cmd!(sh, "rustc --print target-libdir --target {target}").read()?;
    if !Path::new(&libraries).is_dir() {
        cmd!(sh, "rustup target add {target}")
            .run()
            .with_context(|| {
                format!(
                    "Rust's standard library for {target} is missing: install rustup, or your \
                 distribution's package of it (on Debian libstd-rust-dev-wasm32)"
                )
            })?;
    }
    Ok(())
}

/// A program that a crate installs.
pub(crate) struct Program<'a> {
    pub(crate) name: &'a str,
    /// The crate that holds it.
    pub(crate) package: &'a str,
    /// The version to install.
    pub(crate) version: &'a str,
    /// Whether no other version will do.
    pub(crate) exact: bool,
    /// Flags for `cargo install`.
    pub(crate) flags: &'a [&'a str],
}

impl Program<'_> {
    /// The program's path, after installing it if need be.
    pub(crate) fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(path) = self.find() {
            return Ok(path);
        }
        self.install(workspace)?;
        let Self { name, version, .. } = self;
        self.find().with_context(|| {
            format!("{name} {version} is installed, but not first on PATH: put ~/.cargo/bin first")
        })
    }

    fn find(&self) -> Option<PathBuf> {
        let path = find(self.name)?;
        let version = version_of(&path)?;
        (!self.exact || Some(version) == Version::parse(self.version)).then_some(path)
    }

    /// Prebuilt if cargo-binstall is there, else from source.
    fn install(&self, workspace: &Workspace) -> Result<()> {
        let sh = &workspace.shell;
        let (wanted, flags) = (format!("{}@{}", self.package, self.version), self.flags);
        if find("cargo-binstall").is_some() {
            let binstall = "cargo binstall --no-confirm --disable-strategies compile";
            let binstall = binstall.split(' ');
            if cmd!(sh, "env {binstall...} {wanted}").run().is_ok() {
                return Ok(());
            }
        }
        output::step(&format!("Installing {wanted} from source"));
        // These tools are compiled once and run for seconds: fully optimized,
        // dx alone would compile for over twenty minutes on two cores.
        cmd!(sh, "cargo install {wanted} {flags...}")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .run()?;
        Ok(())
    }
}
