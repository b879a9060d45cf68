//! `index.html`, made to load the page.

use anyhow::{Context, Result};

/// The addresses of the page's parts, relative to `index.html`.
pub(crate) struct Parts {
    /// The module that loads the page by itself.
    pub(crate) glue: String,
    /// The modules that it imports.
    pub(crate) snippets: Vec<String>,
    /// The page's code.
    pub(crate) wasm: String,
}

/// Puts in the title, where there is a place for it, and what loads the page.
/// Everything is asked for at once: the wasm in the way that the glue fetches it
/// (anonymous, same-origin credentials), or a browser would load it twice.
pub(crate) fn complete(index: &str, title: &str, parts: &Parts) -> Result<String> {
    let mut head = format!(
        "<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"{}\" crossorigin>\n\
         <link rel=\"modulepreload\" href=\"{}\">\n",
        parts.wasm, parts.glue
    );
    for snippet in &parts.snippets {
        head.push_str(&format!(
            "<link rel=\"modulepreload\" href=\"{snippet}\">\n"
        ));
    }
    let script = format!("<script type=\"module\" src=\"{}\"></script>\n", parts.glue);

    let html = index.replace("{app_title}", &escape(title));
    let html = insert_before(&html, "</head>", &head)?;
    insert_before(&html, "</body>", &script)
}

fn insert_before(html: &str, tag: &str, text: &str) -> Result<String> {
    let at = html
        .rfind(tag)
        .with_context(|| format!("index.html has no {tag}"))?;
    Ok([&html[..at], text, &html[at..]].concat())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
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
    fn everything_is_in_its_place() {
        let index = "<head><title>{app_title}</title></head><body><div id=main></div></body>";
        let html = complete(index, "A & B", &parts()).expect("a whole page");
        assert_eq!(
            html,
            "<head><title>A &amp; B</title>\
             <link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" href=\"./c.wasm\" crossorigin>\n\
             <link rel=\"modulepreload\" href=\"./a.js\">\n\
             <link rel=\"modulepreload\" href=\"./s/b.js\">\n\
             </head><body><div id=main></div>\
             <script type=\"module\" src=\"./a.js\"></script>\n</body>"
        );
    }

    #[test]
    fn a_page_without_head_or_body_is_refused() {
        for index in ["<body></body>", "<head></head>"] {
            assert!(complete(index, "", &parts()).is_err(), "{index}");
        }
    }
}
