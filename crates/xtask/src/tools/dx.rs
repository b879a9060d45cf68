//! dx, Dioxus' own build tool, and the tools that it needs on the `PATH` so that
//! it downloads nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use xshell::Cmd;

use crate::tools::cargo::Program;
use crate::tools::node::Node;
use crate::tools::path_with;
use crate::workspace::Workspace;

/// An installed dx.
pub(crate) struct Dx {
    pub(crate) program: PathBuf,
    path: OsString,
}

impl Dx {
    /// Installs what is missing of it.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        let program = Program {
            name: "dx",
            package: "dioxus-cli",
            version: &workspace.locked_version("dioxus")?,
            exact: true,
            flags: &["--locked", "--features", "no-downloads,disable-telemetry"],
        };
        let wasm_bindgen = Program {
            name: "wasm-bindgen",
            package: "wasm-bindgen-cli",
            version: &workspace.locked_version("wasm-bindgen")?,
            exact: true,
            flags: &[],
        };
        let program = program.ensure(workspace)?;
        let wasm_bindgen = wasm_bindgen.ensure(workspace)?;
        let node = Node::ensure(workspace)?;
        let mut directories = vec![node.install_tools()?];
        directories.extend(node.directory.clone());
        directories.extend(wasm_bindgen.parent().map(PathBuf::from));
        Ok(Self {
            program,
            path: path_with(directories)?,
        })
    }

    /// Sets the environment of a command that runs dx.
    pub(crate) fn prepare<'a>(&self, command: Cmd<'a>) -> Cmd<'a> {
        command
            .env("PATH", &self.path)
            .env("NO_DOWNLOADS", "1")
            .env("TELEMETRY", "false")
    }
}
