//! Finds the tools that the workflows need, and installs what it may.
//!
//! - [`cargo`]: the page's target, and programs that cargo installs.
//! - [`node`]: Node.js, npm, and what comes from there.
//! - [`optimizers`]: wasm-opt and esbuild, which make the page smaller.
//! - [`dx`], [`chromium`]: one tool each.
//! - [`apt`]: Debian's packages.

pub(crate) mod apt;
pub(crate) mod cargo;
pub(crate) mod chromium;
pub(crate) mod dx;
pub(crate) mod node;
pub(crate) mod optimizers;
mod version;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub(crate) use version::Version;

/// The path of a program on the user's `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    which::which(program).ok()
}

/// The version that a program prints; `None` if it does not run.
fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}

/// `PATH` with further directories in front.
fn path_with(directories: impl IntoIterator<Item = PathBuf>) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = directories.into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(all).context("a directory with `:` in its name cannot be put into PATH")
}
