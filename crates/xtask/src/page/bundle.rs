//! The page's files as they are served.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use crate::page::bindgen::{Bindings, SNIPPETS};
use crate::page::html::{self, Parts};
use crate::page::{NAME, compress, hash};

/// The directory whose files' names change with their contents, so that a
/// browser may keep them forever.
pub(crate) const ASSETS: &str = "assets";
/// The page itself.
pub(crate) const INDEX: &str = "index.html";

/// Contents by path below the page's directory.
pub(crate) struct Bundle(BTreeMap<PathBuf, Vec<u8>>);

impl Bundle {
    /// Names the parts by their contents and links them to each other.
    pub(crate) fn new(index: &str, styles: &str, bindings: Bindings) -> Result<Self> {
        let wasm = wasm_name(&bindings.wasm);
        // Snippets keep their paths below one directory: they may import each other.
        let all = bindings.snippets.iter();
        let all: Vec<_> = all
            .flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()])
            .collect();
        let snippets = format!("snippets-{}", hash(&all));
        let glue = bindings.glue.replace(SNIPPETS, &format!("./{snippets}/"));
        let glue_name = hashed_name(NAME, "js", glue.as_bytes());

        let imported = |path: &&String| bindings.glue.contains(path.as_str());
        let parts = Parts {
            glue: format!("./{ASSETS}/{glue_name}"),
            snippets: bindings
                .snippets
                .keys()
                .filter(imported)
                .map(|path| format!("./{ASSETS}/{snippets}/{path}"))
                .collect(),
            wasm: format!("./{ASSETS}/{wasm}"),
        };
        let html = html::link_parts(index, styles, &parts)?;

        let assets = Path::new(ASSETS);
        let mut files = BTreeMap::from([
            (INDEX.into(), html.into_bytes()),
            (assets.join(wasm), bindings.wasm),
            (assets.join(glue_name), glue.into_bytes()),
        ]);
        for (path, text) in bindings.snippets {
            files.insert(assets.join(&snippets).join(path), text.into_bytes());
        }
        Ok(Self(files))
    }

    /// Writes the files and their compressed siblings beside `directory` and then
    /// replaces `directory` with them.
    pub(crate) fn write(&self, sh: &Shell, directory: &Path) -> Result<()> {
        let new = directory.with_extension("new");
        sh.remove_path(&new)?;
        for (path, contents) in &self.0 {
            sh.write_file(new.join(path), contents)?;
            for (extension, compressed) in compress::siblings(contents)? {
                let mut name = path.clone().into_os_string();
                name.push(extension);
                sh.write_file(new.join(name), compressed)?;
            }
        }
        sh.remove_path(directory)?;
        fs::rename(&new, directory).with_context(|| format!("cannot rename {}", new.display()))
    }
}

/// The name of the page's code.
pub(crate) fn wasm_name(wasm: &[u8]) -> String {
    hashed_name(&format!("{NAME}_bg"), "wasm", wasm)
}

fn hashed_name(stem: &str, extension: &str, contents: &[u8]) -> String {
    format!("{stem}-{}.{extension}", hash(&[contents]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::script;
    use crate::workspace::files_below;

    fn bundle(glue: &str, wasm: &[u8]) -> Bundle {
        let snippets =
            ["a/b.js", "unused.js"].map(|path| (path.to_owned(), "export {}".to_owned()));
        let mut bindings = Bindings {
            wasm: wasm.to_vec(),
            glue: glue.to_owned(),
            snippets: BTreeMap::from(snippets),
        };
        script::add_start(&mut bindings);
        Bundle::new("<head></head><body></body>", "", bindings).expect("a whole page")
    }

    /// Path and text of the file whose path starts and ends like this.
    fn find<'a>(bundle: &'a Bundle, start: &str, end: &str) -> (&'a str, &'a str) {
        let mut files = bundle.0.iter();
        files
            .find_map(|(path, text)| {
                let path = path.to_str()?;
                let matches = path.starts_with(start) && path.ends_with(end);
                matches.then_some((path, std::str::from_utf8(text).ok()?))
            })
            .expect("a text file of that name")
    }

    #[test]
    fn parts_refer_to_each_other_by_content() {
        let bundle = bundle("import './snippets/a/b.js';", b"code");
        let (wasm, _) = find(&bundle, "assets/", ".wasm");
        let (snippet, _) = find(&bundle, "assets/", "/a/b.js");
        let (glue, glue_text) = find(&bundle, "assets/live-dashboard-", ".js");
        let below_assets = |path: &str| format!("./{}", &path["assets/".len()..]);
        assert!(glue_text.contains(&below_assets(wasm)), "{glue_text}");
        assert!(glue_text.contains(&below_assets(snippet)), "{glue_text}");
        let (_, index) = find(&bundle, "index", ".html");
        for path in [glue, wasm, snippet] {
            assert!(
                index.contains(&format!("\"./{path}\"")),
                "{path} in {index}"
            );
        }
        assert!(!index.contains("unused"), "not loaded: {index}");
        find(&bundle, "assets/snippets-", "/unused.js");
    }

    #[test]
    fn other_code_gives_the_glue_another_name_too() {
        let names = |wasm: &[u8]| bundle("", wasm).0.into_keys().collect::<Vec<_>>();
        assert_eq!(names(b"one"), names(b"one"));
        let (one, two) = (names(b"one"), names(b"two"));
        let changed = one.iter().filter(|path| !two.contains(path)).count();
        assert_eq!(changed, 2, "{one:?} {two:?}");
    }

    #[test]
    fn writing_replaces_the_whole_page() {
        let sh = Shell::new().expect("a shell");
        let place = sh.create_temp_dir().expect("a temporary directory");
        let page = place.path().join("page");
        bundle("", b"one").write(&sh, &page).expect("the first");
        bundle("", b"two").write(&sh, &page).expect("the second");
        let files = files_below(&sh, place.path()).expect("a listing");
        let wasm = files
            .iter()
            .filter(|file| file.extension() == Some("wasm".as_ref()));
        assert_eq!(wasm.count(), 1, "{files:?}");
        assert!(
            files.iter().all(|file| file.starts_with(&page)),
            "{files:?}"
        );
    }
}
