//! Errors of layout files.

use std::path::PathBuf;

/// An error in a layout file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{} {rule}", path.display(), line.map_or(String::new(), |line| format!("{line}:")))]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; `None` if it is about the whole file.
    pub line: Option<usize>,
    /// The rule that it breaks.
    pub rule: String,
}
