//! What makes the page smaller: wasm-opt and esbuild. It also works without.

use std::path::{Path, PathBuf};

use crate::say;
use crate::tools::node::Node;
use crate::tools::{Version, find, version_of};
use crate::workspace::Workspace;

/// Older ones do not know what today's compiler makes; Debian 12's is 108.
const OLDEST_WASM_OPT: Version = Version(116, 0, 0);

/// What there is of the two.
pub(crate) struct Shrinkers {
    /// Optimizes the page's code.
    pub(crate) wasm_opt: Option<Shrinker>,
    /// Joins and shortens the scripts.
    pub(crate) esbuild: Option<Shrinker>,
}

/// One of them.
pub(crate) struct Shrinker {
    /// The program.
    pub(crate) program: PathBuf,
    version: Version,
}

impl Shrinkers {
    /// npm's, where there is an npm, and a wasm-opt of the user's own before it;
    /// a note about what is missing.
    pub(crate) fn find_or_install(workspace: &Workspace) -> Self {
        let from_npm = Self::from_npm(workspace);
        let from_npm = |name: &str| Some(from_npm.as_ref()?.join(name));
        let own_wasm_opt = find("wasm-opt").and_then(|program| recent(&program));
        let shrinkers = Self {
            wasm_opt: own_wasm_opt.or_else(|| recent(&from_npm("wasm-opt")?)),
            esbuild: from_npm("esbuild").and_then(|program| Shrinker::new(&program)),
        };
        if shrinkers.wasm_opt.is_none() || shrinkers.esbuild.is_none() {
            say::note("without wasm-opt and esbuild the page works, but is larger than it need be");
        }
        shrinkers
    }

    /// Which they are: what was made by others may have come out differently.
    pub(crate) fn description(&self) -> String {
        let told = |name: &str, tool: &Option<Shrinker>| match tool {
            Some(tool) => format!("{name} {}", tool.version),
            None => format!("no {name}"),
        };
        format!(
            "{}, {}",
            told("wasm-opt", &self.wasm_opt),
            told("esbuild", &self.esbuild)
        )
    }

    fn from_npm(workspace: &Workspace) -> Option<PathBuf> {
        let Some(node) = Node::for_tools() else {
            say::note("there is no npm to get wasm-opt and esbuild by");
            return None;
        };
        let installed = node.install_tools(workspace);
        if let Err(error) = &installed {
            say::note(&format!(
                "npm cannot install wasm-opt and esbuild: {error:#}"
            ));
        }
        installed.ok()
    }
}

impl Shrinker {
    fn new(program: &Path) -> Option<Self> {
        Some(Self {
            version: version_of(program)?,
            program: program.to_owned(),
        })
    }
}

fn recent(program: &Path) -> Option<Shrinker> {
    Shrinker::new(program).filter(|wasm_opt| wasm_opt.version >= OLDEST_WASM_OPT)
}
