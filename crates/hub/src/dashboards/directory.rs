//! One look at the directory of the layouts: names and texts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::read::FileError;

/// The most bytes of a file: several times what a layout may have.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// The most files: the list of dashboards goes to pages as a whole.
const MAX_FILES: usize = 200;

/// The files of a directory by their dashboards' names.
pub(super) type Files = BTreeMap<String, LayoutFile>;

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayoutFile {
    pub(super) path: PathBuf,
    /// What stands in it, or why that cannot be told.
    pub(super) text: Result<String, String>,
}

impl LayoutFile {
    /// Reads a file, within limits.
    pub(super) fn read(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            text: text(path).map_err(|error| format!("cannot be read: {error}")),
        }
    }
}

/// Reads every `*.toml` of a directory but hidden ones; there are none in a
/// directory that is not there.
///
/// # Errors
/// The directory cannot be read, or holds too many.
pub(super) fn look(directory: &Path) -> Result<Files, FileError> {
    let whole = |rule: String| FileError {
        path: directory.to_owned(),
        line: None,
        rule,
    };
    let unreadable = |error: io::Error| whole(format!("cannot be read: {error}"));
    let entries = match directory.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Files::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Files::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = name_of(&path) else {
            continue;
        };
        if path.is_dir() {
            continue;
        }
        if files.len() == MAX_FILES {
            let rule = format!("there may be at most {MAX_FILES} layouts in a directory");
            return Err(whole(rule));
        }
        files.insert(name.to_owned(), LayoutFile::read(&path));
    }
    Ok(files)
}

/// A dashboard's name by its file; `None` where that is no layout's.
pub(super) fn name_of(path: &Path) -> Option<&str> {
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
