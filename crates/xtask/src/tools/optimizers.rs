//! wasm-opt and esbuild, which make the page smaller. It can be built without them.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::output;
use crate::tools::node::Node;
use crate::tools::{Version, find, version_of};
use crate::workspace::Workspace;

/// Older ones do not know what today's compiler emits; Debian 12 has 108.
const OLDEST_WASM_OPT: Version = Version(116, 0, 0);

/// The paths of the two, if they are there.
pub(crate) struct Optimizers {
    pub(crate) wasm_opt: Option<PathBuf>,
    pub(crate) esbuild: Option<PathBuf>,
}

impl Optimizers {
    /// Installs both from npm, if there is an npm; else looks for a wasm-opt on
    /// the `PATH`.
    pub(crate) fn find_or_install(workspace: &Workspace) -> Self {
        let node = Node::for_tools(workspace).context("found no Node.js of version 18 or later");
        let from_npm = node.and_then(|node| node.install_tools());
        if let Err(error) = &from_npm {
            output::note(&format!(
                "the page will be larger than need be: no wasm-opt and esbuild from npm: {error:#}"
            ));
        }
        let from_npm = |name| from_npm.as_ref().ok().map(|bin| bin.join(name));
        Self {
            wasm_opt: [from_npm("wasm-opt"), find("wasm-opt")]
                .into_iter()
                .flatten()
                .find(|program| version_of(program) >= Some(OLDEST_WASM_OPT)),
            esbuild: from_npm("esbuild"),
        }
    }

    /// Whether both are there.
    pub(crate) fn complete(&self) -> bool {
        self.wasm_opt.is_some() && self.esbuild.is_some()
    }

    /// Names and versions: other ones would build another page.
    pub(crate) fn description(&self) -> String {
        let version = |program: &Option<PathBuf>| {
            let version = version_of(program.as_deref().unwrap_or(Path::new("")));
            version.map_or("(none)".to_owned(), |version| version.to_string())
        };
        let (wasm_opt, esbuild) = (version(&self.wasm_opt), version(&self.esbuild));
        format!("wasm-opt {wasm_opt}, esbuild {esbuild}")
    }
}
