//! The package's files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::NAME;
use crate::files;
use crate::workspace::Workspace;

/// The sizes in which the icon is drawn, in pixels, beside the drawing itself.
const ICONS: [u32; 6] = [16, 32, 48, 64, 128, 256];

/// Puts each file where it lies on the system, below `root`.
pub(super) fn lay_out(workspace: &Workspace, program: &Path, root: &Path) -> Result<()> {
    let packaging = workspace.root.join("packaging");
    let share = root.join("usr/share");
    let put = |from: &Path, to: &Path, mode: u32| -> Result<()> {
        files::write(to, files::read(from)?)?;
        fs::set_permissions(to, fs::Permissions::from_mode(mode))
            .with_context(|| format!("cannot set the mode of {}", to.display()))
    };
    put(program, &root.join("usr/bin").join(NAME), 0o755)?;
    for (from, to) in [
        (
            "live-dashboard.desktop",
            "applications/live-dashboard.desktop",
        ),
        (
            "live-dashboard.metainfo.xml",
            "metainfo/com.github.live_dashboard.metainfo.xml",
        ),
        ("copyright", "doc/live-dashboard/copyright"),
        (
            "icons/live-dashboard.svg",
            "icons/hicolor/scalable/apps/live-dashboard.svg",
        ),
    ] {
        put(&packaging.join(from), &share.join(to), 0o644)?;
    }
    for size in ICONS {
        put(
            &packaging.join(format!("icons/{NAME}-{size}.png")),
            &share.join(format!("icons/hicolor/{size}x{size}/apps/{NAME}.png")),
            0o644,
        )?;
    }
    for directory in walkdir::WalkDir::new(root) {
        let directory = directory.context("cannot list the package's files")?;
        if directory.file_type().is_dir() {
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))
                .context("cannot set a directory's mode")?;
        }
    }
    Ok(())
}
