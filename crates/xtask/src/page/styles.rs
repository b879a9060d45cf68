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
    let css = match esbuild {
        Some(esbuild) => cmd!(sh, "{esbuild} {SOURCE} --minify --target={BROWSERS}")
            .quiet()
            .read()?,
        None => sh.read_file(SOURCE)?,
    };
    Ok(format!(
        "<style id=\"live-dashboard-styles\">{css}</style>\n"
    ))
}
