//! The script that is served: the glue, made to start the page, with what it
//! imports.

use std::path::Path;

use anyhow::{Result, ensure};
use xshell::{Shell, cmd};

use crate::page::NAME;
use crate::page::bindgen::{Bindings, SNIPPETS};
use crate::page::bundle::wasm_name;

/// The oldest browsers that the page supports.
pub(crate) const BROWSERS: &str = "chrome109,firefox115,safari16.4";

/// Makes the glue call its own initializer. `index.html` reacts to the error if that
/// fails.
pub(crate) fn add_start(bindings: &mut Bindings) {
    let wasm = wasm_name(&bindings.wasm);
    bindings.glue += &format!(
        r#"
__wbg_init({{ module_or_path: new URL("./{wasm}", import.meta.url) }}).catch((cause) => {{
  throw new WebAssembly.RuntimeError("the page cannot start", {{ cause }});
}});
"#
    );
}

/// Bundles the glue and its imports into one minified script.
pub(crate) fn bundle(
    sh: &Shell,
    esbuild: &Path,
    bindings: &mut Bindings,
    work: &Path,
) -> Result<()> {
    let (before, after) = (
        work.join(NAME).with_extension("js"),
        work.join("bundled.js"),
    );
    sh.write_file(&before, &bindings.glue)?;
    let flags = "--bundle --minify --format=esm --log-level=warning".split(' ');
    cmd!(
        sh,
        "{esbuild} {before} {flags...} --target={BROWSERS} --outfile={after}"
    )
    .quiet()
    .run()?;
    let bundled = sh.read_file(&after)?;
    ensure!(
        bundled.contains("import.meta.url") && !bundled.contains(SNIPPETS),
        "esbuild did not bundle the glue with its imports"
    );
    bindings.glue = bundled;
    bindings.snippets.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_glue_starts_the_page_at_its_end() {
        let mut bindings = Bindings {
            wasm: Vec::new(),
            glue: "let a;".to_owned(),
            snippets: BTreeMap::new(),
        };
        add_start(&mut bindings);
        let start = format!(
            "let a;\n__wbg_init({{ module_or_path: new URL(\"./{}\", import.meta.url) }})",
            wasm_name(b"")
        );
        assert!(bindings.glue.starts_with(&start), "{}", bindings.glue);
    }
}
