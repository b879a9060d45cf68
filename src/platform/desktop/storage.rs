//! Texts kept for the viewer's next visit: one small file per key in the
//! system's directory for user data.

use std::fs;
use std::path::PathBuf;

use directories::ProjectDirs;

/// The text stored under a key.
pub fn stored(key: &str) -> Option<String> {
    fs::read_to_string(file(key)?).ok()
}

/// Stores a text under a key. Failures are logged.
pub fn store(key: &str, text: &str) {
    let Some(file) = file(key) else { return };
    let written = file.parent().map_or(Ok(()), fs::create_dir_all);
    if let Err(error) = written.and_then(|()| fs::write(&file, text)) {
        super::warn(&format!("cannot write {}: {error}", file.display()));
    }
}

/// The system's directories for this app; `None` if there is no home directory.
pub fn directories() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "live-dashboard")
}

/// The key's file, named by its letters and digits; other characters become
/// hyphens.
fn file(key: &str) -> Option<PathBuf> {
    let name = key.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    Some(directories()?.data_local_dir().join("viewer").join(name))
}
