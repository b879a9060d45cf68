//! The release builds: page, hub, and the same page by dx.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use xshell::cmd;

use crate::page::{self, Page};
use crate::test::tally::Tally;
use crate::tools::{dx::Dx, node::Node};
use crate::workspace::{Workspace, files_below};
use crate::{hub, output};

/// How much larger dx's wasm may be than ours, in percent: with the stylesheet and all
/// texts for developers in it, it is about 23 % larger, and 8 % more if wasm-opt failed.
const DX_MARGIN: usize = 27;

/// The page's bundle, within its budget.
pub(crate) fn page(workspace: &Workspace) -> Result<Tally> {
    let size = build_page(workspace)?.size;
    output::note(&size.to_string());
    ensure!(size.within_budget(), "over budget: {size}");
    Ok(Tally::passed())
}

/// The hub with the page inside.
pub(crate) fn hub(workspace: &Workspace) -> Result<Tally> {
    hub::build_release(workspace)?;
    Ok(Tally::passed())
}

/// dx's page. dx exits with 0 even if wasm-opt failed, so its result is checked.
pub(crate) fn dx(workspace: &Workspace) -> Result<Tally> {
    let ours = wasm_size(workspace, &build_page(workspace)?.directory)?;
    let theirs = wasm_size(workspace, &build_dx_page(workspace)?)?;
    let sizes = format!("dx's wasm has {theirs} bytes, ours {ours}");
    output::note(&sizes);
    ensure!(
        theirs * 100 <= ours * (100 + DX_MARGIN),
        "{sizes}: was it optimized?"
    );
    Ok(Tally::passed())
}

/// The page, with everything installed that makes it small.
fn build_page(workspace: &Workspace) -> Result<Page> {
    Node::ensure(workspace)?;
    let page = page::build(workspace)?;
    ensure!(
        page.optimized,
        "the page was built without wasm-opt or esbuild, which its budget counts on"
    );
    Ok(page)
}

/// The directory of the page that dx built.
pub(super) fn build_dx_page(workspace: &Workspace) -> Result<PathBuf> {
    let dx = Dx::ensure(workspace)?;
    let public = dx_page(workspace);
    workspace.shell.remove_path(&public)?;
    output::step("Building the page by dx");
    let program = &dx.program;
    // Without this cfg, which only the crate getrandom reads, dx takes the same
    // compiled dependencies as our own build of the page.
    let flags = ["--wasm-js-cfg", "false"];
    dx.prepare(cmd!(
        workspace.shell,
        "{program} build --platform web --release {flags...}"
    ))
    .run()?;
    ensure!(public.join(page::INDEX).is_file(), "dx wrote no page");
    Ok(public)
}

/// Where dx puts the page.
pub(super) fn dx_page(workspace: &Workspace) -> PathBuf {
    let app = workspace.target.join("dx").join(page::NAME);
    app.join("release/web/public")
}

/// Bytes of a page's one wasm file, which must be a valid module.
fn wasm_size(workspace: &Workspace, page: &Path) -> Result<usize> {
    let sh = &workspace.shell;
    let mut files = files_below(sh, &page.join(page::ASSETS))?;
    files.retain(|file| file.extension() == Some("wasm".as_ref()));
    let [wasm] = files.as_slice() else {
        bail!("one wasm file expected, found {files:?}");
    };
    let wasm = sh.read_binary_file(wasm)?;
    page::validate(&wasm)?;
    Ok(wasm.len())
}
