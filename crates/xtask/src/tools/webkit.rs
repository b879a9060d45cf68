//! What a desktop window is built with and needs to run.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::tools::apt;

/// Makes sure that the desktop app can be built.
pub(crate) fn ensure() -> Result<()> {
    if cfg!(target_os = "linux") && !is_there() {
        apt::install(
            "what a desktop window needs",
            &["pkg-config", "libwebkit2gtk-4.1-dev", "libxdo-dev"],
        )?;
    }
    Ok(())
}

fn is_there() -> bool {
    let known = Command::new("pkg-config")
        .args(["--exists", "webkit2gtk-4.1"])
        .status();
    known.is_ok_and(|status| status.success()) && Path::new("/usr/include/xdo.h").exists()
}
