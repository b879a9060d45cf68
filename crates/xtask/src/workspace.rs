//! The checkout: its paths, its shell, and the versions in `Cargo.lock`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

/// The checkout that this tool was built from.
pub(crate) struct Workspace {
    /// Runs commands in `root`.
    pub(crate) shell: Shell,
    /// The directory of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// cargo's target directory, wherever the user's settings put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo for the paths.
    pub(crate) fn find() -> Result<Self> {
        let shell = Shell::new()?;
        shell.change_dir(env!("CARGO_MANIFEST_DIR"));
        let metadata = cmd!(shell, "cargo metadata --no-deps --format-version 1").read()?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let path = |key| {
            let path = metadata[key].as_str().map(PathBuf::from);
            path.with_context(|| format!("the output of `cargo metadata` has no {key}"))
        };
        let root = path("workspace_root")?;
        shell.change_dir(&root);
        Ok(Self {
            target: path("target_directory")?,
            root,
            shell,
        })
    }

    /// Where tools are installed that only this checkout uses.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The version of a package in `Cargo.lock`. An error if there is none, or
    /// more than one.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let id = cmd!(self.shell, "cargo pkgid {package}").read()?;
        let version = id.rsplit(['@', '#']).next();
        Ok(version.unwrap_or_default().to_owned())
    }
}

/// All files below a directory, sorted; none if it does not exist.
pub(crate) fn files_below(shell: &Shell, directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if directory.is_dir() {
        for path in shell.read_dir(directory)? {
            if path.is_dir() {
                files.extend(files_below(shell, &path)?);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_paths_and_locked_versions() {
        let workspace = Workspace::find().expect("this checkout");
        assert!(workspace.root.join("Cargo.lock").is_file());
        let version = workspace.locked_version("wasm-bindgen").expect("locked");
        assert_eq!(version.split('.').count(), 3, "{version}");
        let own = workspace.locked_version("xtask").expect("a member");
        assert_eq!(own, env!("CARGO_PKG_VERSION"));
        assert!(workspace.locked_version("no-such-package").is_err());
    }

    #[test]
    fn lists_nested_files_in_order() {
        let shell = Shell::new().expect("a shell");
        let place = shell.create_temp_dir().expect("a temporary directory");
        let directory = place.path().join("a");
        let files = || files_below(&shell, &directory).expect("a listing");
        assert!(files().is_empty(), "no directory");
        for file in ["c", "b/d"] {
            shell.write_file(directory.join(file), "x").expect("a file");
        }
        assert_eq!(files(), ["b/d", "c"].map(|file| directory.join(file)));
    }
}
