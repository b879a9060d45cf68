//! Debian's packages: installed if that is possible without a password; else
//! the error says what to type.

use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Cmd, cmd};

use crate::output;
use crate::tools::find;
use crate::workspace::Workspace;

/// The packages of a Redis server, which is also Sentinel, and of its command line.
pub(crate) const REDIS: &str = "redis-server redis-tools";

/// Makes sure that the desktop app can be compiled.
pub(crate) fn ensure_webkit(workspace: &Workspace) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let packages = "pkg-config libwebkit2gtk-4.1-dev libxdo-dev";
    ensure(workspace, "the desktop app", packages)
}

/// Installs those of `packages` (separated by spaces) that are missing; `purpose` is
/// what needs them. Without dpkg it only says what is needed.
pub(crate) fn ensure(workspace: &Workspace, purpose: &str, packages: &str) -> Result<()> {
    if find("dpkg-query").is_none() || find("apt-get").is_none() {
        output::note(&format!(
            "not Debian: {purpose} needs what these packages contain: {packages}"
        ));
        return Ok(());
    }
    let sh = &workspace.shell;
    let format = "${Package} ${db:Status-Status}\n";
    let all = packages.split_whitespace();
    let asked = all.clone();
    let query = cmd!(sh, "dpkg-query --show --showformat {format} {asked...}");
    // It fails if it does not know one of them.
    let known = query.ignore_status().ignore_stderr().read()?;
    let installed = |package: &&str| known.lines().any(|it| it == format!("{package} installed"));
    let missing: Vec<&str> = all.filter(|it| !installed(it)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    output::step(&format!("Installing what {purpose} needs"));
    let missing = missing.join(" ");
    let apt_get = || {
        apt_get(workspace).with_context(|| {
            format!("{purpose} needs packages: install them by `sudo apt-get install {missing}`")
        })
    };
    apt_get()?.arg("update").run()?;
    let install = ["install", "--no-install-recommends"];
    apt_get()?.args(install).args(missing.split(' ')).run()?;
    Ok(())
}

/// Installs a package from a file, with its dependencies; `false` if this user
/// may not.
pub(crate) fn install_file(workspace: &Workspace, package: &Path) -> Result<bool> {
    let Some(apt_get) = apt_get(workspace) else {
        return Ok(false);
    };
    let install = ["install", "--no-install-recommends", "--reinstall"];
    apt_get.args(install).arg(package).run()?;
    Ok(true)
}

/// Removes an installed package.
pub(crate) fn remove(workspace: &Workspace, package: &str) -> Result<()> {
    let apt_get = apt_get(workspace).context("only root can remove packages")?;
    Ok(apt_get.args(["remove", package]).run()?)
}

/// apt-get as root, without questions; `None` if this user would have to type a
/// password.
fn apt_get(workspace: &Workspace) -> Option<Cmd<'_>> {
    let sh = &workspace.shell;
    let is_root = rustix::process::geteuid().is_root();
    let sudo: &[&str] = if is_root {
        &[]
    } else {
        &["sudo", "--non-interactive"]
    };
    let allowed = cmd!(sh, "env {sudo...} true").quiet().ignore_stderr().run();
    let apt_get = "DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes".split(' ');
    allowed
        .is_ok()
        .then(|| cmd!(sh, "env {sudo...} env {apt_get...}"))
}
