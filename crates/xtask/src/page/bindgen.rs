//! From the compiled page to wasm and the JavaScript glue that loads it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::files;
use crate::page::NAME;

/// Where the glue's imports lie, from its own place.
pub(crate) const SNIPPETS: &str = "./snippets/";

/// What wasm-bindgen makes of a compiled page.
pub(crate) struct Glued {
    /// The page's code.
    pub(crate) wasm: Vec<u8>,
    /// The module that loads it; its default export is the function that does.
    pub(crate) glue: String,
    /// The modules that the glue imports, by their path below [`SNIPPETS`].
    pub(crate) snippets: BTreeMap<String, String>,
}

/// Runs wasm-bindgen, by way of an emptied working directory.
pub(crate) fn glue(compiled: &Path, work: &Path) -> Result<Glued> {
    files::remove_directory(work)?;
    Bindgen::new()
        .input_path(compiled)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .demangle(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .omit_default_module_path(true)
                .generate(work)
        })
        .with_context(|| format!("wasm-bindgen cannot process {}", compiled.display()))?;
    ensure!(
        !work.join("package.json").exists(),
        "the page's code wants a package from npm, which this build does not bundle"
    );
    Ok(Glued {
        wasm: files::read(&work.join(format!("{NAME}_bg.wasm")))?,
        glue: files::read_text(&work.join(NAME).with_extension("js"))?,
        snippets: snippets(&work.join(SNIPPETS))?,
    })
}

fn snippets(directory: &Path) -> Result<BTreeMap<String, String>> {
    files::below(directory)?
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(directory)?.to_string_lossy().into_owned();
            Ok((path, files::read_text(&file)?))
        })
        .collect()
}
