//! dx, Dioxus' own build tool, and the tools that it wants on the PATH instead
//! of downloading them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::tools::node::Node;
use crate::tools::path_with;
use crate::tools::rust::Program;
use crate::workspace::Workspace;

/// A dx that downloads nothing, and its surroundings.
pub(crate) struct Dx {
    program: PathBuf,
    path: OsString,
}

impl Dx {
    /// Installs whatever of it is missing.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        let program = Program {
            name: "dx",
            package: "dioxus-cli",
            version: &workspace.locked_version("dioxus")?,
            exact: true,
            patience: "about 15 minutes on 2 cores",
            flags: &["--locked", "--features", "no-downloads,disable-telemetry"],
        }
        .ensure()?;
        let wasm_bindgen = Program {
            name: "wasm-bindgen",
            package: "wasm-bindgen-cli",
            version: &workspace.locked_version("wasm-bindgen")?,
            exact: true,
            patience: "about 2 minutes on 2 cores",
            flags: &[],
        }
        .ensure()?;
        let node = Node::ensure(workspace)?;
        let mut directories = vec![node.install_tools(workspace)?];
        directories.extend_from_slice(node.directories());
        directories.extend(wasm_bindgen.parent().map(PathBuf::from));
        Ok(Self {
            program,
            path: path_with(&directories)?,
        })
    }

    /// A call of it at the root of the checkout, without arguments.
    pub(crate) fn command(&self, workspace: &Workspace) -> Command {
        let mut dx = Command::new(&self.program);
        dx.current_dir(&workspace.root)
            .env("PATH", &self.path)
            .env("NO_DOWNLOADS", "1")
            .env("TELEMETRY", "false");
        dx
    }
}
