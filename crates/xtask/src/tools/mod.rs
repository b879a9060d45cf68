//! Finds the tools that the workflows need, and installs what it may.
//!
//! - [`rust`]: targets and programs written in Rust.
//! - [`node`]: Node.js, npm, and what comes from there.
//! - [`shrink`]: what makes the page smaller.
//! - [`dx`], [`chromium`]: one tool each.
//! - [`webkit`]: what a desktop window is built with.
//! - [`apt`]: Debian's packages.

pub(crate) mod apt;
pub(crate) mod chromium;
pub(crate) mod dx;
pub(crate) mod node;
pub(crate) mod rust;
pub(crate) mod shrink;
mod version;
pub(crate) mod webkit;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub(crate) use version::Version;

/// Where a program is, if the user has it.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    which::which(program).ok()
}

/// The version that a program tells, if it runs at all.
fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}

/// `PATH` with further directories, to be searched first.
fn path_with(directories: &[PathBuf]) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = directories
        .iter()
        .cloned()
        .chain(std::env::split_paths(&path));
    std::env::join_paths(all).context("a directory's name does not fit into PATH")
}
