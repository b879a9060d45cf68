//! The page's bundle, built without dx: cargo for wasm32, the library behind
//! wasm-bindgen, wasm-opt where there is one, names by content, brotli and gzip.
//!
//! - [`bindgen`]: from the compiled page to wasm and its JavaScript glue.
//! - [`optimize`]: the same wasm, smaller.
//! - [`script`]: the glue, made to start by itself, as one file where there is esbuild.
//! - [`html`]: `index.html`, made to load them.
//! - [`bundle`]: the files as they are served, and how they come into place.
//! - [`compress`]: their precompressed siblings.
//! - [`size`]: what a viewer downloads, against the budget.
//! - [`fingerprint`]: whether anything changed since the last build.

mod bindgen;
mod bundle;
mod compress;
mod fingerprint;
mod html;
mod optimize;
mod script;
mod size;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::tools::{rust, shrink::Shrinkers};
use crate::workspace::Workspace;
use crate::{files, process, say};

use bindgen::Glued;
pub(crate) use bundle::{ASSETS, INDEX};
pub(crate) use optimize::check;
pub(crate) use size::Size;

/// The binary that is the page, and the stem of its files' names.
pub(crate) const NAME: &str = "live-dashboard";
/// What the page is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm-release";

/// What decides, beside its inputs, how the bundle comes out.
const BUILDER: [&str; 6] = [
    include_str!("bindgen.rs"),
    include_str!("bundle.rs"),
    include_str!("compress.rs"),
    include_str!("html.rs"),
    include_str!("optimize.rs"),
    include_str!("script.rs"),
];

/// A built page.
pub(crate) struct Page {
    /// The directory to serve at `/`.
    pub(crate) directory: PathBuf,
    /// What a viewer downloads.
    pub(crate) size: Size,
    /// Whether everything was there that makes it small.
    pub(crate) shrunk: bool,
}

/// Brings `target/page` up to date. If that fails, the page that was there stays.
pub(crate) fn build(workspace: &Workspace) -> Result<Page> {
    rust::ensure_target(workspace, TARGET)?;
    check_versions(workspace)?;
    let compiled = compile(workspace)?;

    say::step("Bundling the page");
    let directory = workspace.target.join("page");
    let _one_at_a_time = lock(&directory.with_extension("lock"))?;
    let shrinkers = Shrinkers::find_or_install(workspace);
    let index = files::read_text(&workspace.root.join(INDEX))?;
    let title = title(&workspace.root)?;
    let public = workspace.root.join("public");

    let mark = directory.with_extension("fingerprint");
    let fingerprint = fingerprint::of(&[
        BUILDER.concat().as_bytes(),
        &files::read(&compiled)?,
        index.as_bytes(),
        title.as_bytes(),
        &fingerprint::of_files(&public)?.into_bytes(),
        shrinkers.description().as_bytes(),
    ]);
    if directory.is_dir() && std::fs::read_to_string(&mark).is_ok_and(|old| old == fingerprint) {
        say::note("nothing changed");
    } else {
        say::note(&format!("with {}", shrinkers.description()));
        let glued = glue(&compiled, &shrinkers, &directory.with_extension("work"))?;
        let bundle = bundle::Bundle::new(&index, &title, glued, &public)?;
        bundle.write(&directory)?;
        files::write(&mark, &fingerprint)?;
    }
    Ok(Page {
        size: Size::of(&directory)?,
        shrunk: shrinkers.wasm_opt.is_some() && shrinkers.esbuild.is_some(),
        directory,
    })
}

/// Runs the compiled page through whatever makes it loadable and small.
fn glue(compiled: &Path, shrinkers: &Shrinkers, work: &Path) -> Result<Glued> {
    let mut glued = bindgen::glue(compiled, work)?;
    if let Some(wasm_opt) = &shrinkers.wasm_opt {
        glued.wasm = optimize::smaller(wasm_opt, &glued.wasm, work)?;
    }
    let wasm = bundle::wasm_name(&glued.wasm);
    script::start_itself(&mut glued, &wasm);
    match &shrinkers.esbuild {
        Some(esbuild) => script::join(&mut glued, esbuild, work)?,
        None => script::drop_unused(&mut glued),
    }
    Ok(glued)
}

/// wasm-bindgen's library must be of the version that the page is compiled with.
fn check_versions(workspace: &Workspace) -> Result<()> {
    let runtime = workspace.locked_version("wasm-bindgen")?;
    let library = workspace.locked_version("wasm-bindgen-cli-support")?;
    anyhow::ensure!(
        runtime == library,
        "Cargo.lock holds wasm-bindgen {runtime} but wasm-bindgen-cli-support {library}: \
         make their versions equal in the root Cargo.toml"
    );
    Ok(())
}

fn compile(workspace: &Workspace) -> Result<PathBuf> {
    say::step("Compiling the page (wasm32, for size)");
    process::run(
        workspace
            .cargo()
            .args(["build", "--package", NAME, "--bin", NAME])
            .args(["--target", TARGET, "--profile", PROFILE])
            .args(["--features", "web"]),
    )?;
    let directory = workspace.target.join(TARGET).join(PROFILE);
    Ok(directory.join(NAME).with_extension("wasm"))
}

/// Waits until no other run of this tool builds the page.
fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// The page's title, from where dx has it too.
fn title(root: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Dioxus {
        web: Web,
    }
    #[derive(Deserialize)]
    struct Web {
        app: App,
    }
    #[derive(Deserialize)]
    struct App {
        title: String,
    }
    let path = root.join("Dioxus.toml");
    let dioxus: Dioxus = toml::from_str(&files::read_text(&path)?)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(dioxus.web.app.title)
}
