//! What is kept for the viewer: a small file for each key, in the directory
//! that the system has for such.

use std::fs;
use std::path::PathBuf;

use super::file::directories;

/// A text that was kept under this key.
pub fn stored(key: &str) -> Option<String> {
    fs::read_to_string(file(key)?).ok()
}

/// Keeps a text for the viewer's next visit, where that is possible.
pub fn store(key: &str, text: &str) {
    let Some(file) = file(key) else { return };
    let written = file.parent().map_or(Ok(()), fs::create_dir_all);
    if let Err(error) = written.and_then(|()| fs::write(&file, text)) {
        super::warn(&format!("cannot keep {}: {error}", file.display()));
    }
}

/// The key's file; of its name only letters and digits stay as they are.
fn file(key: &str) -> Option<PathBuf> {
    let name: String = key
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Some(directories()?.data_local_dir().join("viewer").join(name))
}
