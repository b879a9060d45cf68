//! The page's files as they are served, and how they come into place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;
use crate::page::bindgen::{Glued, SNIPPETS};
use crate::page::html::{self, Parts};
use crate::page::{NAME, compress, fingerprint};

/// The directory whose files' addresses change with their contents, so that a
/// browser may keep them forever.
pub(crate) const ASSETS: &str = "assets";
/// The page itself.
pub(crate) const INDEX: &str = "index.html";

/// Files by their path below the page's directory.
pub(crate) struct Bundle(BTreeMap<PathBuf, Vec<u8>>);

impl Bundle {
    /// Names the parts by their contents and ties them together. What lies in
    /// `public` is served as it is, as dx does it.
    pub(crate) fn new(index: &str, title: &str, glued: Glued, public: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let wasm = wasm_name(&glued.wasm);

        // Snippets keep their paths below one directory, as they may import
        // each other.
        let joined: Vec<&[u8]> = glued
            .snippets
            .iter()
            .flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()])
            .collect();
        let snippets = format!("snippets-{}", short(&fingerprint::of(&joined)));
        let glue = glued.glue.replace(SNIPPETS, &format!("./{snippets}/"));
        let glue_name = named(NAME, "js", glue.as_bytes());

        let parts = Parts {
            glue: format!("./{ASSETS}/{glue_name}"),
            snippets: glued
                .snippets
                .keys()
                .map(|path| format!("./{ASSETS}/{snippets}/{path}"))
                .collect(),
            wasm: format!("./{ASSETS}/{wasm}"),
        };
        let html = html::complete(index, title, &parts)?;

        for file in files::below(public)? {
            files.insert(file.strip_prefix(public)?.to_owned(), files::read(&file)?);
        }
        files.insert(INDEX.into(), html.into_bytes());
        let assets = Path::new(ASSETS);
        files.insert(assets.join(wasm), glued.wasm);
        files.insert(assets.join(glue_name), glue.into_bytes());
        for (path, text) in glued.snippets {
            files.insert(assets.join(&snippets).join(path), text.into_bytes());
        }
        Ok(Self(files))
    }

    /// Writes the files and their compressed siblings beside `directory`, and
    /// puts the whole in its place only then.
    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        let fresh = directory.with_extension("new");
        let former = directory.with_extension("old");
        files::remove_directory(&fresh)?;
        for (path, contents) in &self.0 {
            files::write(&fresh.join(path), contents)?;
            for (extension, compressed) in compress::siblings(path, contents)? {
                let mut name = path.clone().into_os_string();
                name.push(extension);
                files::write(&fresh.join(name), &compressed)?;
            }
        }
        files::remove_directory(&former)?;
        if directory.exists() {
            files::rename(directory, &former)?;
        }
        files::rename(&fresh, directory)?;
        files::remove_directory(&former)
    }
}

/// The name of the page's code, by its contents.
pub(crate) fn wasm_name(wasm: &[u8]) -> String {
    named(&format!("{NAME}_bg"), "wasm", wasm)
}

fn named(stem: &str, extension: &str, contents: &[u8]) -> String {
    format!(
        "{stem}-{}.{extension}",
        short(&fingerprint::of(&[contents]))
    )
}

/// 64 bits tell a page's few files apart.
fn short(hash: &str) -> &str {
    &hash[..16]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::script;

    fn bundle(glue: &str, wasm: &[u8]) -> Bundle {
        let mut glued = Glued {
            wasm: wasm.to_vec(),
            glue: glue.to_owned(),
            snippets: BTreeMap::from([("a/b.js".to_owned(), "export {}".to_owned())]),
        };
        script::start_itself(&mut glued, &wasm_name(wasm));
        Bundle::new(
            "<head></head><body></body>",
            "",
            glued,
            Path::new("no such"),
        )
        .expect("a whole page")
    }

    fn find<'a>(bundle: &'a Bundle, ending: &str) -> (&'a str, &'a str) {
        bundle
            .0
            .iter()
            .map(|(path, text)| (path.to_str(), std::str::from_utf8(text)))
            .find_map(|(path, text)| {
                let path = path.filter(|path| path.ends_with(ending))?;
                Some((path, text.ok()?))
            })
            .expect("a text file of that name")
    }

    #[test]
    fn parts_refer_to_each_other_by_content() {
        let bundle = bundle("import './snippets/a/b.js';", b"code");
        let (wasm, _) = find(&bundle, ".wasm");
        let (snippet, _) = find(&bundle, "/a/b.js");
        let (glue, _) = bundle
            .0
            .keys()
            .filter_map(|path| path.to_str())
            .find_map(|path| {
                path.starts_with("assets/live-dashboard-")
                    .then_some((path, ()))
            })
            .expect("the glue");
        let glue_text = find(&bundle, glue).1;
        let below_assets = |path: &str| format!("./{}", &path["assets/".len()..]);
        assert!(glue_text.contains(&below_assets(wasm)), "{glue_text}");
        assert!(glue_text.contains(&below_assets(snippet)), "{glue_text}");
        let index = find(&bundle, "index.html").1;
        for path in [glue, wasm, snippet] {
            assert!(
                index.contains(&format!("\"./{path}\"")),
                "{path} in {index}"
            );
        }
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
        let place = tempfile::tempdir().expect("a temporary directory");
        let page = place.path().join("page");
        bundle("", b"one").write(&page).expect("the first");
        bundle("", b"two").write(&page).expect("the second");
        let wasm: Vec<_> = std::fs::read_dir(page.join(ASSETS))
            .expect("the assets")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".wasm"))
            .collect();
        assert_eq!(wasm.len(), 1, "{wasm:?}");
        assert_eq!(std::fs::read_dir(place.path()).expect("it").count(), 1);
    }
}
