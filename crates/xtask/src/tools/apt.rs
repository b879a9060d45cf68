//! Debian's packages: installed where that is possible without asking, else
//! said to the user.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{process, say};

/// Installs packages, or fails with the line that the user must type. `wanted`
/// says what they are for.
pub(crate) fn install(wanted: &str, packages: &[&str]) -> Result<()> {
    let advice = format!("apt-get install {}", packages.join(" "));
    if super::find("apt-get").is_none() {
        bail!("{wanted} is missing; please install it (on Debian: `{advice}`)");
    }
    let Some(privilege) = privilege() else {
        bail!("{wanted} is missing; please install it by `sudo {advice}`");
    };
    say::step(&format!("Installing {wanted} ({advice})"));
    apt(privilege, &["update"])?;
    let flags = ["install", "--yes", "--no-install-recommends"];
    apt(privilege, &[&flags, packages].concat())
}

/// Installs a package from a file, with what it depends on; `false` where this
/// user may not.
pub(crate) fn install_file(package: &Path) -> Result<bool> {
    let Some(privilege) = privilege() else {
        return Ok(false);
    };
    say::step(&format!("Installing {}", package.display()));
    let package = package.to_string_lossy();
    let flags = ["install", "--yes", "--no-install-recommends", "--reinstall"];
    apt(privilege, &[&flags[..], &[package.as_ref()]].concat())?;
    Ok(true)
}

/// Removes an installed package.
pub(crate) fn remove(package: &str) -> Result<()> {
    match privilege() {
        Some(privilege) => apt(privilege, &["remove", "--yes", package]),
        None => bail!("only root can remove {package}"),
    }
}

/// How this user becomes root without being asked for a password, if at all.
fn privilege() -> Option<&'static [&'static str]> {
    if rustix::process::geteuid().is_root() {
        return Some(&["env"]);
    }
    let allowed = Command::new("sudo")
        .args(["--non-interactive", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    allowed.then_some(&["sudo", "--non-interactive", "env"])
}

fn apt(privilege: &[&str], arguments: &[&str]) -> Result<()> {
    process::run(
        Command::new(privilege[0])
            .args(&privilege[1..])
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
            .args(arguments)
            .current_dir(Path::new("/"))
            .stdin(Stdio::null()),
    )
}
