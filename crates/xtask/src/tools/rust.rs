//! Rust's own: the target of the page, and programs that cargo installs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{Version, find, version_of};
use crate::workspace::Workspace;
use crate::{process, say};

/// Makes sure that the compiler can compile for a target.
pub(crate) fn ensure_target(workspace: &Workspace, target: &str) -> Result<()> {
    let libraries = process::capture(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", target])
            .current_dir(&workspace.root),
    )?;
    if PathBuf::from(libraries.trim()).is_dir() {
        return Ok(());
    }
    say::step(&format!("Adding the target {target}"));
    ensure!(
        find("rustup").is_some(),
        "Rust's standard library for {target} is missing, and rustup, which could add it, too: \
         please install rustup, or your distribution's package of that library \
         (on Debian: `apt-get install libstd-rust-dev-wasm32`)"
    );
    process::run(
        Command::new("rustup")
            .args(["target", "add", target])
            .current_dir(&workspace.root),
    )
}

/// A program that a crate installs, which is to be had prebuilt in places.
pub(crate) struct Program<'a> {
    /// What it is called.
    pub(crate) name: &'a str,
    /// The crate that holds it.
    pub(crate) package: &'a str,
    /// The version to install.
    pub(crate) version: &'a str,
    /// Whether another version would do as well.
    pub(crate) exact: bool,
    /// What to expect of building it, for the user.
    pub(crate) patience: &'a str,
    /// Flags for `cargo install`.
    pub(crate) flags: &'a [&'a str],
}

impl Program<'_> {
    /// The program's path, after it was installed if need be.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        if let Some(path) = self.found() {
            return Ok(path);
        }
        self.install()?;
        match self.found() {
            Some(path) => Ok(path),
            None => bail!(
                "{} {} was installed into cargo's directory of programs, but is not what the PATH \
                 finds: please put that directory (~/.cargo/bin) first",
                self.name,
                self.version
            ),
        }
    }

    fn found(&self) -> Option<PathBuf> {
        let path = find(self.name)?;
        let version = version_of(&path)?;
        (!self.exact || Some(version) == Version::parse(self.version)).then_some(path)
    }

    fn install(&self) -> Result<()> {
        let wanted = format!("{}@{}", self.package, self.version);
        if find("cargo-binstall").is_some() {
            say::step(&format!("Installing {wanted} prebuilt"));
            let binstall = Command::new("cargo")
                .args([
                    "binstall",
                    "--no-confirm",
                    "--disable-strategies",
                    "compile",
                    &wanted,
                ])
                .stdin(Stdio::null())
                .status();
            if binstall.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            say::note("not to be had prebuilt");
        }
        say::step(&format!(
            "Installing {wanted} from source ({})",
            self.patience
        ));
        process::run(
            Command::new("cargo")
                .args(["install", &wanted])
                .args(self.flags)
                .current_dir(std::env::temp_dir())
                .stdin(Stdio::null()),
        )
        .with_context(|| format!("cannot install {wanted}"))
    }
}
