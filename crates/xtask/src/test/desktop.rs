//! The desktop app: as code, and as what is installed from its package, on a
//! screen that nobody sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::test::tally::Tally;
use crate::tools::{apt, find};
use crate::workspace::Workspace;
use crate::{files, hub, package, process};

/// Programs that the tests want, and Debian's packages that have them.
const PROGRAMS: [(&str, &str); 9] = [
    ("Xvfb", "xvfb"),
    ("openbox", "openbox"),
    ("dbus-run-session", "dbus"),
    ("xdotool", "xdotool"),
    ("wmctrl", "wmctrl"),
    ("xmessage", "x11-utils"),
    ("import", "imagemagick"),
    ("desktop-file-validate", "desktop-file-utils"),
    ("appstreamcli", "appstream"),
];
/// What the tests want beside these, each known by a file of its own.
const LIBRARIES: [(&str, &str); 4] = [
    ("/usr/libexec/at-spi2-registryd", "at-spi2-core"),
    ("/usr/lib/python3/dist-packages/gi", "python3-gi"),
    (
        "/usr/lib/x86_64-linux-gnu/girepository-1.0/Atspi-2.0.typelib",
        "gir1.2-atspi-2.0",
    ),
    (
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "libfaketime",
    ),
];
/// Debian's own: another one on the PATH lacks Debian's libraries.
const PYTHON: &str = "/usr/bin/python3";

/// Unit tests of what is compiled with the desktop renderer alone.
pub(crate) fn units(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    let status = process::listen(
        workspace.cargo().args([
            "test",
            "--package",
            package::NAME,
            "--features",
            "desktop",
            "--bin",
            package::NAME,
        ]),
        |line| tally.hear(line),
    )?;
    tally.confirmed(status.success())
}

/// Builds the package, installs it and tests what is there then.
pub(crate) fn app(workspace: &Workspace) -> Result<Tally> {
    if !cfg!(target_os = "linux") {
        return Ok(Tally::skipped("the package is for Debian"));
    }
    ensure_tools()?;
    let package = package::package(workspace)?;
    let hub = hub::build_debug(workspace)?;
    check_papers(workspace)?;

    let installed = Installed::install(workspace, &package)?;
    let shots = workspace.target.join("desktop");
    files::remove_directory(&shots)?;
    let mut tally = Tally::default();
    let status = process::listen(
        on_a_screen(workspace, "run.py")
            .env(
                "LIVE_DASHBOARD_APP",
                installed.root.join("usr/bin").join(package::NAME),
            )
            .env("LIVE_DASHBOARD_SHARE", installed.root.join("usr/share"))
            .env("LIVE_DASHBOARD_HUB", hub)
            .env("LIVE_DASHBOARD_SHOTS", shots),
        |line| tally.hear(line),
    )?;
    tally.confirmed(status.success())
}

/// A program of the desktop tests, in a D-Bus session of its own; the screen
/// it makes itself.
pub(crate) fn on_a_screen(workspace: &Workspace, program: &str) -> Command {
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", PYTHON, "-B", program])
        .current_dir(workspace.root.join("tests/desktop"));
    command
}

/// Makes sure of what the tests want.
pub(crate) fn ensure_tools() -> Result<()> {
    let programs = PROGRAMS.iter().filter(|(name, _)| find(name).is_none());
    let libraries = LIBRARIES
        .iter()
        .filter(|(path, _)| !Path::new(path).exists());
    let packages: Vec<&str> = programs
        .chain(libraries)
        .map(|(_, package)| *package)
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    apt::install("what the desktop tests need", &packages)
}

/// What the system reads of the app: its menu's entry and its description.
fn check_papers(workspace: &Workspace) -> Result<()> {
    let packaging = workspace.root.join("packaging");
    process::run(
        Command::new("desktop-file-validate").arg(packaging.join("live-dashboard.desktop")),
    )?;
    process::run(
        Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(packaging.join("live-dashboard.metainfo.xml")),
    )
}

/// An installed package; where this user may, it is really installed, and
/// removed when this is dropped.
struct Installed {
    /// Where its files are.
    root: PathBuf,
    really: bool,
}

impl Installed {
    fn install(workspace: &Workspace, package: &Path) -> Result<Self> {
        if apt::install_file(package)? {
            let root = PathBuf::from("/");
            return Ok(Self { root, really: true });
        }
        let root = workspace.target.join("package/unpacked");
        files::remove_directory(&root)?;
        process::run(Command::new("dpkg-deb").arg("-x").args([package, &root]))
            .context("cannot unpack the package")?;
        Ok(Self {
            root,
            really: false,
        })
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if self.really
            && let Err(error) = apt::remove(package::NAME)
        {
            crate::say::note(&format!("the package stays installed: {error:#}"));
        }
    }
}
