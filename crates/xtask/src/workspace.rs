//! Where things are: the checkout, cargo's target directory, and what
//! `Cargo.lock` says.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{files, process};

/// The checkout that this tool was built from.
pub(crate) struct Workspace {
    /// The directory of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// cargo's target directory, wherever the user's settings put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        #[derive(Deserialize)]
        struct Metadata {
            workspace_root: PathBuf,
            target_directory: PathBuf,
        }
        let metadata = process::capture(
            Command::new(cargo_program())
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .current_dir(env!("CARGO_MANIFEST_DIR")),
        )?;
        let metadata: Metadata =
            serde_json::from_str(&metadata).context("cannot read what `cargo metadata` printed")?;
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
        })
    }

    /// The cargo that runs this tool, at the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(cargo_program());
        cargo.current_dir(&self.root);
        cargo
    }

    /// Where tools go that belong to this checkout alone.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The one version of a package that `Cargo.lock` holds.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = files::read_text(&path)?;
        let mut versions = versions_in_lock(&lock, package)
            .with_context(|| format!("cannot read {}", path.display()))?;
        match versions.len() {
            1 => Ok(versions.remove(0)),
            0 => bail!("Cargo.lock holds no {package}"),
            _ => bail!("Cargo.lock holds {package} more than once: {versions:?}"),
        }
    }
}

fn cargo_program() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn versions_in_lock(lock: &str, package: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock)?;
    Ok(lock
        .package
        .into_iter()
        .filter(|locked| locked.name == package)
        .map(|locked| locked.version)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_version_of_a_package() {
        let lock = r#"
            version = 4
            [[package]]
            name = "a"
            version = "1.0.0"
            [[package]]
            name = "ab"
            version = "3.0.0"
            [[package]]
            name = "a"
            version = "2.0.0"
            dependencies = ["ab"]
        "#;
        assert_eq!(
            versions_in_lock(lock, "a").expect("a lock file"),
            ["1.0.0", "2.0.0"]
        );
        assert!(versions_in_lock(lock, "c").expect("a lock file").is_empty());
        assert!(versions_in_lock("package = 1", "a").is_err());
    }
}
