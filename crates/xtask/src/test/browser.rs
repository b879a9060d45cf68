//! Playwright's tests, in a real Chromium against the real hub with the page
//! inside, and against the page that dx built.

use anyhow::Result;

use crate::page;
use crate::test::bundle;
use crate::test::tally::Tally;
use crate::tools::{chromium, node::Node};
use crate::workspace::Workspace;
use crate::{files, process};

/// Runs them all. They learn from the environment what to test.
pub(crate) fn tests(workspace: &Workspace) -> Result<Tally> {
    let node = Node::ensure(workspace)?;
    let chromium = chromium::ensure()?;
    let hub = bundle::build_hub(workspace)?;
    let mut dx_page = bundle::dx_page(workspace);
    if !dx_page.join(page::INDEX).exists() {
        dx_page = bundle::build_dx_page(workspace)?;
    }

    let directory = workspace.root.join("tests/browser");
    let programs = node.install_locked(&directory)?;
    let report = workspace.target.join("browser/report.json");
    files::remove_directory(&workspace.target.join("browser"))?;
    let status = process::listen(
        node.command(&programs.join("playwright"))?
            .arg("test")
            .current_dir(&directory)
            .env("LIVE_DASHBOARD_HUB", hub)
            .env("LIVE_DASHBOARD_DX_PAGE", dx_page)
            .env(chromium::VARIABLE, chromium)
            .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
        |_| {},
    )?;
    Tally::of_playwright(&files::read_text(&report)?)?.confirmed(status.success())
}
