//! From the compiled page to wasm and the JavaScript glue that loads it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;
use xshell::Shell;

use crate::page::{NAME, names, panics};
use crate::workspace::files_below;

/// The path of the snippets, relative to the glue.
pub(crate) const SNIPPETS: &str = "./snippets/";

/// What wasm-bindgen makes of a compiled page.
pub(crate) struct Bindings {
    /// The page's code.
    pub(crate) wasm: Vec<u8>,
    /// The module that loads it.
    pub(crate) glue: String,
    /// Modules that the glue may import, by their path below [`SNIPPETS`].
    pub(crate) snippets: BTreeMap<String, String>,
}

/// Runs wasm-bindgen; clears `work` for that.
pub(crate) fn generate(sh: &Shell, compiled: &Path, work: &Path) -> Result<Bindings> {
    sh.remove_path(work)?;
    let mut output = Bindgen::new()
        .input_bytes(
            NAME,
            panics::without_texts(&sh.read_binary_file(compiled)?)?,
        )
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .demangle(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .omit_default_module_path(true)
                .generate_output()
        })
        .with_context(|| format!("wasm-bindgen cannot process {}", compiled.display()))?;
    let glue = output.js().to_owned();
    let glue = names::shorten(output.wasm_mut(), &glue)?;
    output.emit(work)?;
    ensure!(
        !work.join("package.json").exists(),
        "the page's code imports a package from npm, which this build does not bundle"
    );
    let snippets = work.join(SNIPPETS);
    Ok(Bindings {
        wasm: sh.read_binary_file(work.join(format!("{NAME}_bg.wasm")))?,
        glue,
        snippets: files_below(sh, &snippets)?
            .into_iter()
            .map(|file| {
                let path = file.strip_prefix(&snippets)?.to_string_lossy().into_owned();
                Ok((path, sh.read_file(file)?))
            })
            .collect::<Result<_>>()?,
    })
}
