//! What the package says of itself.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::NAME;
use crate::{files, process};

const DESCRIPTION: &str = "live metrics dashboard that a server pushes to
 Stat cards with trends and thresholds, a chart and an alert feed, which change
 the moment something is published to a Live Dashboard hub or a Hotsock
 installation. Nothing is polled, and nobody but that hub is asked.";

/// What the program needs though no library of it says so: without the system's
/// certificates it makes no request at all, not even one without TLS.
const UNSEEN: &str = "ca-certificates";

/// The fields of `DEBIAN/control` that are not the same each time.
pub(super) struct Control {
    architecture: String,
    dependencies: String,
    /// In KiB.
    size: u64,
}

/// Asks Debian's tools about the program below `root`; `directory` is theirs
/// to work in.
pub(super) fn control(directory: &Path, root: &Path) -> Result<Control> {
    let architecture = process::capture(Command::new("dpkg").arg("--print-architecture"))?;
    // The tool insists on a source package around the program.
    files::write(
        &directory.join("debian/control"),
        format!("Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n"),
    )?;
    let told = process::capture(
        Command::new("dpkg-shlibdeps")
            .arg("-O")
            .arg(root.join("usr/bin").join(NAME))
            .current_dir(directory),
    )?;
    let mut bytes = 0;
    for file in files::below(root)? {
        bytes += files::read(&file)?.len() as u64;
    }
    Ok(Control {
        architecture: architecture.trim().into(),
        dependencies: dependencies(&told)?,
        size: bytes.div_ceil(1024),
    })
}

impl Control {
    /// The file's text.
    pub(super) fn text(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let Self {
            architecture,
            dependencies,
            size,
        } = self;
        format!(
            "Package: {NAME}\n\
             Version: {version}\n\
             Architecture: {architecture}\n\
             Maintainer: The Live Dashboard contributors <{NAME}@localhost>\n\
             Section: utils\n\
             Priority: optional\n\
             Installed-Size: {size}\n\
             Depends: {dependencies}, {UNSEEN}\n\
             Recommends: notification-daemon\n\
             Description: {DESCRIPTION}\n"
        )
    }

    /// The package's name as Debian has it.
    pub(super) fn file_name(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("{NAME}_{version}_{}.deb", self.architecture)
    }
}

/// The one line that `dpkg-shlibdeps -O` prints, without its name.
fn dependencies(told: &str) -> Result<String> {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="))
        .context("dpkg-shlibdeps told no dependencies")?;
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_file_has_what_debian_wants() {
        let told = "shlibs:Depends=libc6 (>= 2.34), libwebkit2gtk-4.1-0 (>= 2.40)\n";
        let control = Control {
            architecture: "amd64".into(),
            dependencies: dependencies(told).expect("dependencies"),
            size: 12,
        };
        let text = control.text();
        for line in [
            "Package: live-dashboard",
            "Depends: libc6 (>= 2.34), libwebkit2gtk-4.1-0 (>= 2.40), ca-certificates",
            "Installed-Size: 12",
        ] {
            assert!(text.lines().any(|known| known == line), "{text}");
        }
        assert!(text.ends_with(".\n"), "the last line must have an end");
        let further = text
            .split_once("Description: ")
            .expect("there")
            .1
            .lines()
            .skip(1);
        assert!(
            further.into_iter().all(|line| line.starts_with(' ')),
            "{text}"
        );
        assert!(control.file_name().ends_with("_amd64.deb"));
        assert!(dependencies("").is_err());
    }
}
