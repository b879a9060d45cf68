//! The page's stylesheet, in its HTML: there it is read before the page's code arrives.

use std::path::Path;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::page::script::BROWSERS;

/// Relative to the workspace.
pub(crate) const SOURCE: &str = "assets/dashboard.css";

/// The element that has the styles, minified if esbuild is there. The hub, which draws
/// pages, and the page know its id.
pub(crate) fn element(sh: &Shell, esbuild: Option<&Path>) -> Result<String> {
    let mut css = by_window(&sh.read_file(SOURCE)?);
    if let Some(esbuild) = esbuild {
        css = cmd!(
            sh,
            "{esbuild} --loader=css --minify --target={BROWSERS} --log-level=warning"
        )
        .stdin(css)
        .quiet()
        .read()?;
    }
    Ok(format!(
        "<style id=\"live-dashboard-styles\">{css}</style>\n"
    ))
}

/// The styles of a page that is all dashboard: they ask for the window's width. To ask for
/// that of a container, as an app has to that embeds one, a browser computes styles
/// while it lays the page out, which makes the first layout slower.
fn by_window(css: &str) -> String {
    css.replace("@container dashboard (", "@media (").replace(
        "container: dashboard / inline-size;",
        "contain: layout style;",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parts_of_the_page_are_containers() {
        let css = include_str!("../../../../assets/dashboard.css");
        let of_dashboard = |css: &str| {
            let names = ["@container dashboard", "container: dashboard"];
            names.map(|name| css.matches(name).count())
        };
        assert!(of_dashboard(css).iter().all(|count| *count > 0));
        let css = by_window(css);
        assert_eq!(of_dashboard(&css), [0, 0]);
        assert!(css.contains("@container card") && css.contains("@media (max-width: 340px)"));
    }
}
