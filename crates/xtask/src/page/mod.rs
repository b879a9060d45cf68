//! The page's bundle, built without dx: cargo for wasm32, the library behind
//! wasm-bindgen, wasm-opt and esbuild if they are there, names by content, brotli
//! and gzip.
//!
//! - [`panics`]: the compiled page without the texts of its panics.
//! - [`bindgen`]: from the compiled page to wasm and its JavaScript glue.
//! - [`names`]: short names for what these two take from each other.
//! - [`optimize`]: the same wasm, smaller.
//! - [`styles`]: the stylesheet, made small.
//! - [`script`]: the glue, made to start the page, in one file if esbuild is there.
//! - [`html`]: `index.html`, made to load them.
//! - [`bundle`]: the files as they are served.
//! - [`compress`]: their precompressed siblings.
//! - [`size`]: what a viewer downloads, against the budget.

mod bindgen;
mod bundle;
mod compress;
mod html;
mod names;
mod optimize;
mod panics;
mod script;
mod size;
mod styles;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::output;
use crate::tools::{cargo, optimizers::Optimizers};
use crate::workspace::Workspace;

use bindgen::Bindings;
pub(crate) use bundle::{ASSETS, INDEX};
pub(crate) use optimize::validate;
pub(crate) use size::Size;

/// The binary that is the page, and the stem of its files' names.
pub(crate) const NAME: &str = "live-dashboard";
/// What the page is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm-release";

/// The code that makes the bundle: if it changes, the bundle is built again.
const BUILDER: [&str; 10] = [
    include_str!("bindgen.rs"),
    include_str!("bundle.rs"),
    include_str!("compress.rs"),
    include_str!("html.rs"),
    include_str!("mod.rs"),
    include_str!("names.rs"),
    include_str!("optimize.rs"),
    include_str!("panics.rs"),
    include_str!("script.rs"),
    include_str!("styles.rs"),
];

/// A built page.
pub(crate) struct Page {
    /// The directory to serve at `/`.
    pub(crate) directory: PathBuf,
    /// What a viewer downloads.
    pub(crate) size: Size,
    /// Whether both wasm-opt and esbuild were there.
    pub(crate) optimized: bool,
}

/// Brings `target/page` up to date. If that fails, the previous page stays.
pub(crate) fn build(workspace: &Workspace) -> Result<Page> {
    let sh = &workspace.shell;
    let compiled = compile(workspace)?;

    output::step("Bundling the page");
    let directory = workspace.target.join("page");
    let _one_at_a_time = lock(&directory.with_extension("lock"))?;
    let optimizers = Optimizers::find_or_install(workspace);
    let index = sh.read_file(INDEX)?;
    let fingerprint = hash(&[
        BUILDER.concat().as_bytes(),
        &sh.read_binary_file(&compiled)?,
        index.as_bytes(),
        sh.read_file(styles::SOURCE)?.as_bytes(),
        optimizers.description().as_bytes(),
    ]);
    let built = directory.with_extension("fingerprint");
    if directory.is_dir() && sh.read_file(&built).is_ok_and(|old| old == fingerprint) {
        output::note("nothing changed");
    } else {
        output::note(&optimizers.description());
        let work = directory.with_extension("work");
        let bindings = bindings(sh, &compiled, &optimizers, &work)?;
        let styles = styles::element(sh, optimizers.esbuild.as_deref())?;
        bundle::Bundle::new(&index, &styles, bindings)?.write(sh, &directory)?;
        sh.write_file(&built, &fingerprint)?;
    }
    Ok(Page {
        size: Size::of(sh, &directory)?,
        optimized: optimizers.complete(),
        directory,
    })
}

fn compile(workspace: &Workspace) -> Result<PathBuf> {
    cargo::ensure_target(workspace, TARGET)?;
    output::step("Compiling the page (wasm32, for size)");
    // dx compiles with this setting too, and strips afterwards, as wasm-bindgen
    // does: with the same here, the two share compiled dependencies.
    let settings = format!("profile.{PROFILE}.strip=false");
    cmd!(
        workspace.shell,
        "cargo build --package {NAME} --bin {NAME} --features styles-in-html
         --target {TARGET} --profile {PROFILE} --config {settings}"
    )
    .run()?;
    let directory = workspace.target.join(TARGET).join(PROFILE);
    Ok(directory.join(NAME).with_extension("wasm"))
}

/// What is loaded of the compiled page, as small as the tools make it. `work` is
/// a directory for them.
fn bindings(sh: &Shell, compiled: &Path, tools: &Optimizers, work: &Path) -> Result<Bindings> {
    let mut bindings = bindgen::generate(sh, compiled, work)?;
    if let Some(wasm_opt) = &tools.wasm_opt {
        bindings.wasm = optimize::optimize(sh, wasm_opt, &bindings.wasm, work)?;
    }
    script::add_start(&mut bindings);
    if let Some(esbuild) = &tools.esbuild {
        script::bundle(sh, esbuild, &mut bindings, work)?;
    }
    Ok(bindings)
}

/// Waits until no other run of this tool builds the page.
fn lock(path: &Path) -> Result<File> {
    let lock = File::create(path).and_then(|file| file.lock().map(|()| file));
    lock.with_context(|| format!("cannot lock {}", path.display()))
}

/// 64 bits in hexadecimal, enough to tell a page's few files and builds apart.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_where_parts_end() {
        assert_eq!(hash(&[b"ab", b"c"]), hash(&[b"ab", b"c"]));
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[]).len(), 16);
    }
}
