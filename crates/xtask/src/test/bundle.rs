//! The release builds: page, hub, and the same page by dx.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::page::{self, Page};
use crate::test::tally::Tally;
use crate::tools::{dx::Dx, node::Node};
use crate::workspace::Workspace;
use crate::{files, process, say};

/// How much larger dx' wasm may be than ours, in percent: it is made alike, and
/// 8 % larger where wasm-opt failed.
const DX_MARGIN: u64 = 5;

/// The page's bundle, within its budget.
pub(crate) fn page(workspace: &Workspace) -> Result<Tally> {
    let page = build_page(workspace)?;
    say::note(&page.size.report());
    ensure!(
        page.size.within_budget(),
        "over budget: {}",
        page.size.report()
    );
    Ok(Tally::passed())
}

/// The hub with the page inside.
pub(crate) fn hub(workspace: &Workspace) -> Result<Tally> {
    build_hub(workspace)?;
    Ok(Tally::passed())
}

/// dx' page. dx exits with 0 even where wasm-opt failed, so its result is looked at.
pub(crate) fn dx(workspace: &Workspace) -> Result<Tally> {
    let ours = wasm_size(&build_page(workspace)?.directory)?;
    let theirs = wasm_size(&build_dx_page(workspace)?)?;
    say::note(&format!("dx' wasm has {theirs} bytes, ours {ours}"));
    ensure!(
        theirs * 100 <= ours * (100 + DX_MARGIN),
        "dx' wasm has {theirs} bytes, ours {ours}: was it optimized?"
    );
    Ok(Tally::passed())
}

/// The page as the checks want it: with wasm-opt, whatever must be installed for it.
pub(super) fn build_page(workspace: &Workspace) -> Result<Page> {
    Node::ensure(workspace)?;
    let page = page::build(workspace)?;
    ensure!(
        page.shrunk,
        "the page was built without wasm-opt or without esbuild, which its budget counts on"
    );
    Ok(page)
}

/// The hub's path.
pub(super) fn build_hub(workspace: &Workspace) -> Result<PathBuf> {
    crate::hub::build_release(workspace, &build_page(workspace)?)
}

/// The directory of the page that dx built.
pub(super) fn build_dx_page(workspace: &Workspace) -> Result<PathBuf> {
    let dx = Dx::ensure(workspace)?;
    let public = dx_page(workspace);
    files::remove_directory(&public)?;
    say::step("Building the page by dx");
    process::run(
        dx.command(workspace)
            .args(["build", "--platform", "web", "--release"])
            .stdin(Stdio::null()),
    )?;
    files::read(&public.join(page::INDEX)).context("dx wrote no page")?;
    Ok(public)
}

/// Where dx puts the page.
pub(super) fn dx_page(workspace: &Workspace) -> PathBuf {
    let app = workspace.target.join("dx").join(page::NAME);
    app.join("release/web/public")
}

/// Bytes of a page's one wasm file, which must be a whole module.
fn wasm_size(page: &std::path::Path) -> Result<u64> {
    let wasm: Vec<PathBuf> = files::below(&page.join(page::ASSETS))?
        .into_iter()
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect();
    let [wasm] = wasm.as_slice() else {
        anyhow::bail!(
            "{} holds not one wasm file but {}",
            page.display(),
            wasm.len()
        );
    };
    let wasm = files::read(wasm)?;
    page::check(&wasm)?;
    Ok(wasm.len() as u64)
}
