//! Small TOML files of the app, each read and written as a whole.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It does not hold what it should.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Where and why, as the parser has it.
        reason: String,
    },
}

/// The directories that the system has for an app of this name.
pub(super) fn directories() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "live-dashboard")
}

/// What a file holds; `None` where there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| io(path, error))?,
    };
    let content = toml::from_str(&text).map_err(|error| content(path, &error.to_string()))?;
    Ok(Some(content))
}

/// Writes a file, and the directories that it needs. It is the old one or the
/// new one at any time, never half of it.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), FileError> {
    let text = toml::to_string(value).map_err(|error| content(path, &error.to_string()))?;
    let half = path.with_extension("new");
    let write = || {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&half, text)?;
        fs::rename(&half, path)
    };
    write().map_err(|error| io(path, error))
}

fn io(path: &Path, error: std::io::Error) -> FileError {
    FileError::Io {
        path: path.into(),
        error,
    }
}

fn content(path: &Path, reason: &str) -> FileError {
    FileError::Content {
        path: path.into(),
        reason: reason.trim_end().into(),
    }
}
