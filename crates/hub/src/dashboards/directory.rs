//! The layout files of a directory: names and texts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::FileError;

/// The most bytes of a file: several times what a layout may have.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// The most files: pages get the list of all dashboards.
const MAX_FILES: usize = 200;

/// The files of a directory by their dashboards' names.
pub(super) type Files = BTreeMap<String, LayoutFile>;

/// A file and its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayoutFile {
    pub(super) path: PathBuf,
    /// The text, or why it cannot be read.
    pub(super) text: Result<String, String>,
}

impl LayoutFile {
    /// Reads a file of at most 256 KiB.
    pub(super) fn read(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            text: text(path).map_err(|error| format!("cannot be read: {error}")),
        }
    }
}

/// Reads every `*.toml` of a directory, without hidden files. A directory that does
/// not exist contains none.
///
/// # Errors
/// The directory cannot be read, or contains too many files.
pub(super) fn scan(directory: &Path) -> Result<Files, FileError> {
    let failed = |rule: String| FileError {
        path: directory.to_owned(),
        line: None,
        rule,
    };
    let unreadable = |error: io::Error| failed(format!("cannot be read: {error}"));
    let entries = match directory.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Files::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Files::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if let Some(name) = dashboard_name(&path)
            && !path.is_dir()
        {
            if files.len() == MAX_FILES {
                let rule = format!("a directory may contain at most {MAX_FILES} layouts");
                return Err(failed(rule));
            }
            files.insert(name.to_owned(), LayoutFile::read(&path));
        }
    }
    Ok(files)
}

/// The dashboard's name by its file; `None` if it is not a layout file.
pub(super) fn dashboard_name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?.strip_suffix(".toml")?;
    (!name.starts_with('.')).then_some(name)
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        let rule = format!("it has more than {MAX_FILE_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, rule));
    }
    Ok(text)
}
