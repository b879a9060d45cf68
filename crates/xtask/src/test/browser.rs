//! Playwright's tests, in a real Chromium against the real hub with the page
//! inside, and against the page that dx built.

use anyhow::Result;
use xshell::cmd;

use crate::test::bundle;
use crate::test::tally::Tally;
use crate::tools::{apt, chromium, node::Node};
use crate::workspace::Workspace;
use crate::{hub, page};

/// Runs them all; the environment names what they test.
pub(crate) fn tests(workspace: &Workspace) -> Result<Tally> {
    apt::ensure(
        workspace,
        "the test of a portal behind nginx",
        "nginx-light",
    )?;
    apt::ensure(workspace, "the test of a hub on Redis", apt::REDIS)?;
    let node = Node::ensure(workspace)?;
    let chromium = chromium::ensure(workspace)?;
    let (_, hub) = hub::build_release(workspace)?;
    let mut dx_page = bundle::dx_page(workspace);
    if !dx_page.join(page::INDEX).exists() {
        dx_page = bundle::build_dx_page(workspace)?;
    }
    let directory = workspace.root.join("tests/browser");
    let playwright = node.install_locked(&directory)?.join("playwright");
    let _there = workspace.shell.push_dir(&directory);
    let tests = cmd!(workspace.shell, "{playwright} test")
        .env("LIVE_DASHBOARD_HUB", hub)
        .env("LIVE_DASHBOARD_DX_PAGE", dx_page)
        .env(chromium::VARIABLE, chromium)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    Tally::of_tests(node.prepare(tests)?)
}
