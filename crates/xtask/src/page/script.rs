//! The script that is served: the glue, made to start by itself, with what it
//! imports.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::page::NAME;
use crate::page::bindgen::{Glued, SNIPPETS};
use crate::tools::shrink::Shrinker;
use crate::{files, process};

/// The oldest browsers that the page supports.
const BROWSERS: &str = "--target=chrome109,firefox115,safari16.4";

/// Adds a call of the glue's own, so that no inline script is wanted and a
/// strict Content-Security-Policy holds.
pub(crate) fn start_itself(glued: &mut Glued, wasm: &str) {
    glued.glue.push_str(&format!(
        "\n__wbg_init({{ module_or_path: new URL(\"./{wasm}\", import.meta.url) }});\n"
    ));
}

/// Joins the glue and what it imports into one shortened script.
pub(crate) fn join(glued: &mut Glued, esbuild: &Shrinker, work: &Path) -> Result<()> {
    let before = work.join(NAME).with_extension("js");
    let after = work.join("joined.js");
    files::write(&before, &glued.glue)?;
    process::run(
        Command::new(&esbuild.program)
            .arg(&before)
            .args([
                "--bundle",
                "--minify",
                "--format=esm",
                "--log-level=warning",
                BROWSERS,
            ])
            .arg(format!("--outfile={}", after.display()))
            .stdin(Stdio::null()),
    )?;
    let joined = files::read_text(&after).context("esbuild wrote nothing")?;
    ensure!(
        joined.contains("import.meta.url") && !joined.contains(SNIPPETS),
        "esbuild did not join the glue with what it imports"
    );
    glued.glue = joined;
    glued.snippets.clear();
    Ok(())
}

/// Without esbuild: leaves out the snippets that belong to code which the page
/// does not use, unless one might be wanted by another.
pub(crate) fn drop_unused(glued: &mut Glued) {
    let wanted = |path: &str| glued.glue.contains(&format!("{SNIPPETS}{path}"));
    let import_each_other =
        glued
            .snippets
            .iter()
            .filter(|(path, _)| wanted(path))
            .any(|(_, text)| {
                ["'./", "\"./", "'../", "\"../"]
                    .iter()
                    .any(|it| text.contains(it))
            });
    if !import_each_other {
        let glue = &glued.glue;
        glued
            .snippets
            .retain(|path, _| glue.contains(&format!("{SNIPPETS}{path}")));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn glued(snippets: &[(&str, &str)]) -> Glued {
        Glued {
            wasm: Vec::new(),
            glue: "import { f } from './snippets/used.js';".to_owned(),
            snippets: snippets
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    #[test]
    fn unused_snippets_go() {
        let mut glued = glued(&[("unused.js", "export let g"), ("used.js", "export let f")]);
        drop_unused(&mut glued);
        assert_eq!(glued.snippets.keys().collect::<Vec<_>>(), ["used.js"]);
    }

    #[test]
    fn a_snippet_that_another_wants_stays() {
        let used = (
            "used.js",
            "import { g } from \"./unused.js\"; export let f = g;",
        );
        let mut glued = glued(&[("unused.js", "export let g"), used]);
        drop_unused(&mut glued);
        assert_eq!(glued.snippets.len(), 2);
    }

    #[test]
    fn the_glue_starts_itself_at_its_end() {
        let mut glued = glued(&[]);
        start_itself(&mut glued, "a.wasm");
        let call = "__wbg_init({ module_or_path: new URL(\"./a.wasm\", import.meta.url) });";
        assert!(glued.glue.trim_end().ends_with(call), "{}", glued.glue);
    }
}
