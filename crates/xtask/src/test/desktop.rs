//! The desktop app: its own Rust tests, and the app as it is installed from its
//! package, on a virtual screen.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use xshell::{Cmd, cmd};

use crate::package::{self, Product};
use crate::test::tally::Tally;
use crate::tools::apt;
use crate::workspace::Workspace;
use crate::{hub, output};

/// Debian's packages that the tests use.
const PACKAGES: &str = "xvfb openbox dbus xdotool wmctrl x11-utils imagemagick \
    desktop-file-utils appstream at-spi2-core python3-gi gir1.2-atspi-2.0 libfaketime";
/// Debian's own: another one on the `PATH` lacks Debian's libraries.
const PYTHON: &str = "/usr/bin/python3";

/// Unit tests of what is compiled with the desktop renderer alone; for release, so
/// that they share the dependencies with the package.
pub(crate) fn units(workspace: &Workspace) -> Result<Tally> {
    apt::ensure_webkit(workspace)?;
    let name = package::NAME;
    Tally::of_tests(cmd!(
        workspace.shell,
        "cargo test --release --package {name} --features desktop --bin {name}"
    ))
}

/// Builds the package, installs it and tests what is then installed.
pub(crate) fn app(workspace: &Workspace) -> Result<Tally> {
    if !cfg!(target_os = "linux") {
        return Ok(Tally::skipped("the package is for Debian"));
    }
    ensure_tools(workspace)?;
    let package = package::package(workspace, Product::Desktop)?;
    let (_, hub) = hub::build_release(workspace)?;
    check_metadata(workspace, &package)?;

    let installed = Installed::install(workspace, &package)?;
    let shots = workspace.target.join("desktop");
    workspace.shell.remove_path(&shots)?;
    let program = installed.root.join("usr/bin").join(package::NAME);
    Tally::of_tests(
        on_virtual_screen(workspace, "run.py")
            .env("LIVE_DASHBOARD_APP", program)
            .env("LIVE_DASHBOARD_SHARE", installed.root.join("usr/share"))
            .env("LIVE_DASHBOARD_HUB", hub)
            .env("LIVE_DASHBOARD_SHOTS", shots),
    )
}

/// A program of the desktop tests, in a D-Bus session of its own; it starts its own
/// virtual screen.
pub(crate) fn on_virtual_screen<'a>(workspace: &'a Workspace, program: &str) -> Cmd<'a> {
    let program = workspace.root.join("tests/desktop").join(program);
    cmd!(workspace.shell, "dbus-run-session -- {PYTHON} -B {program}")
}

/// Installs what the tests use.
pub(crate) fn ensure_tools(workspace: &Workspace) -> Result<()> {
    apt::ensure(workspace, "the desktop app's test", PACKAGES)
}

/// Checks what the system reads of the app: menu entry, description, dependencies.
fn check_metadata(workspace: &Workspace, package: &Path) -> Result<()> {
    let sh = &workspace.shell;
    let name = package::NAME;
    cmd!(sh, "desktop-file-validate packaging/{name}.desktop").run()?;
    cmd!(
        sh,
        "appstreamcli validate --no-net packaging/{name}.metainfo.xml"
    )
    .run()?;
    let depends = cmd!(sh, "dpkg-deb --field {package} Depends").read()?;
    for needed in ["ca-certificates", "libgtk-3-0", "libwebkit2gtk-4.1-0"] {
        ensure!(
            depends.contains(needed),
            "the package does not depend on {needed}: {depends}"
        );
    }
    Ok(())
}

/// The package's files: installed and removed again if this user may, else only
/// unpacked.
struct Installed<'a> {
    workspace: &'a Workspace,
    /// Where the files are.
    root: PathBuf,
}

impl<'a> Installed<'a> {
    fn install(workspace: &'a Workspace, package: &Path) -> Result<Self> {
        let mut root = PathBuf::from("/");
        if !apt::install_file(workspace, package)? {
            root = workspace.target.join("package/unpacked");
            workspace.shell.remove_path(&root)?;
            cmd!(workspace.shell, "dpkg-deb -x {package} {root}").run()?;
        }
        Ok(Self { workspace, root })
    }
}

impl Drop for Installed<'_> {
    fn drop(&mut self) {
        if self.root == Path::new("/")
            && let Err(error) = apt::remove(self.workspace, package::NAME)
        {
            output::note(&format!("the package stays installed: {error:#}"));
        }
    }
}
