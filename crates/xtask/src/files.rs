//! Files and directories, with errors that name them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// A file's bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A file's text.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file, and creates the directories that it needs.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
    }
    fs::write(path, contents).with_context(|| format!("cannot write {}", path.display()))
}

/// Renames a file or directory.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .with_context(|| format!("cannot rename {} to {}", from.display(), to.display()))
}

/// Removes a directory and all that is in it; there need be none.
pub(crate) fn remove_directory(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

/// The paths of all files below a directory, sorted; there need be no directory.
pub(crate) fn below(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot list {}", directory.display()))?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_removes_what_may_not_be_there() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let directory = place.path().join("a");
        assert!(below(&directory).expect("no directory").is_empty());
        remove_directory(&directory).expect("nothing to do");

        for file in ["c", "b/d"] {
            write(&directory.join(file), "x").expect("a file");
        }
        let files = below(&directory).expect("two files");
        assert_eq!(files, ["b/d", "c"].map(|file| directory.join(file)));
        remove_directory(&directory).expect("a directory");
        assert!(!directory.exists());
    }

    #[test]
    fn errors_name_the_file() {
        let error = read(Path::new("/no/such")).expect_err("there is none");
        assert!(error.to_string().contains("/no/such"));
    }
}
