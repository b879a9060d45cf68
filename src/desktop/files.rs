//! Reads and writes small TOML files as a whole.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a file; `None` if there is no such file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let name = || format!("cannot read {}", path.display());
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => toml::from_str(&text.with_context(name)?).with_context(name),
    }
}

/// Writes a file, and creates its directory. A crash leaves the old file or the
/// new one.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let temporary = path.with_extension("new");
    let write = || -> Result<()> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&temporary, toml::to_string(value)?)?;
        Ok(fs::rename(&temporary, path)?)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
