//! `index.html`, made to load the page.

use anyhow::{Context, Result};

/// The addresses of the page's parts, relative to `index.html`.
pub(crate) struct Parts {
    /// The module that starts the page.
    pub(crate) glue: String,
    /// The modules that it imports.
    pub(crate) snippets: Vec<String>,
    /// The page's code.
    pub(crate) wasm: String,
}

/// Removes comments, and adds the styles, the script and a preload of every part. The wasm
/// is preloaded the way the glue fetches it (anonymous, same-origin credentials), or a
/// browser would load it twice.
pub(crate) fn link_parts(index: &str, styles: &str, parts: &Parts) -> Result<String> {
    let Parts {
        glue,
        snippets,
        wasm,
    } = parts;
    let mut head = format!(
        "<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"{wasm}\" crossorigin>\n"
    );
    for module in [glue].into_iter().chain(snippets) {
        head += &format!("<link rel=\"modulepreload\" href=\"{module}\">\n");
    }
    head += styles;
    let index = without(&without(index, "<!--", "-->"), "/*", "*/");
    let html = insert_before(&index, "</head>", &head)?;
    let script = format!("<script type=\"module\" src=\"{glue}\"></script>\n");
    insert_before(&html, "</body>", &script)
}

/// `text` without its parts from `start` to `end`, and the white space after them.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once(start) {
        kept += before;
        rest = comment
            .split_once(end)
            .map_or("", |(_, after)| after.trim_start());
    }
    kept + rest
}

fn insert_before(html: &str, tag: &str, text: &str) -> Result<String> {
    let at = html.rfind(tag);
    let at = at.with_context(|| format!("index.html has no {tag}"))?;
    Ok([&html[..at], text, &html[at..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        Parts {
            glue: "./a.js".into(),
            snippets: vec!["./s/b.js".into()],
            wasm: "./c.wasm".into(),
        }
    }

    #[test]
    fn links_every_part() {
        let index = "<!-- why\n -->\n<head>/* how */ <title>A</title></head><body><div id=main></div></body>";
        let html = link_parts(index, "<style>s</style>\n", &parts()).expect("a whole page");
        assert_eq!(
            html,
            "<head><title>A</title>\
             <link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"./c.wasm\" crossorigin>\n\
             <link rel=\"modulepreload\" href=\"./a.js\">\n\
             <link rel=\"modulepreload\" href=\"./s/b.js\">\n\
             <style>s</style>\n\
             </head><body><div id=main></div>\
             <script type=\"module\" src=\"./a.js\"></script>\n</body>"
        );
    }

    #[test]
    fn a_page_without_head_or_body_is_an_error() {
        for index in ["<body></body>", "<head></head>"] {
            assert!(link_parts(index, "", &parts()).is_err(), "{index}");
        }
    }
}
