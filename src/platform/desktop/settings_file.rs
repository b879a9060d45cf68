//! What the user settled once: the file that the app's own form writes, and
//! that may be written by hand or by an administrator.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FileError;
use super::file::{directories, read, write};

/// The settings file, TOML. Its keys are those of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsFile {
    /// The hub's address.
    pub hub: Option<String>,
    /// The token endpoint's address, where it is not the hub's.
    pub token_url: Option<String>,
    /// The WebSocket's address, where it is not the hub's.
    pub socket_url: Option<String>,
    /// The client API's address, where it is not the hub's.
    pub api_url: Option<String>,
    /// The dashboard's name.
    pub dashboard: Option<String>,
    /// `dark` or `light`.
    pub theme: Option<String>,
}

impl SettingsFile {
    /// Where it is unless the user says otherwise; `None` where the system has
    /// no place for such.
    pub fn path() -> Option<PathBuf> {
        Some(directories()?.config_dir().join("config.toml"))
    }

    /// Reads it; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read, is not TOML, or has a key that there is not.
    pub fn read(path: &Path) -> Result<Option<Self>, FileError> {
        read(path)
    }

    /// Writes it in one step, and the directories that it needs.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write(path, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("a/b/config.toml");
        assert_eq!(SettingsFile::read(&path).expect("nothing yet"), None);
        let settings = SettingsFile {
            hub: Some("https://hub.example".into()),
            theme: Some("dark".into()),
            ..SettingsFile::default()
        };
        settings.write(&path).expect("a file");
        settings.write(&path).expect("the file again");
        assert_eq!(SettingsFile::read(&path).expect("a file"), Some(settings));
        let files = std::fs::read_dir(place.path().join("a/b")).expect("a directory");
        assert_eq!(files.count(), 1, "nothing is left over");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("config.toml");
        for (text, word) in [
            ("hub = 5\n", "hub"),
            ("\nhost = \"h\"\n", "host"),
            ("hub = \"h", "line 1"),
        ] {
            std::fs::write(&path, text).expect("a file");
            let error = SettingsFile::read(&path).expect_err("broken").to_string();
            assert!(error.contains("config.toml"), "{error}");
            assert!(error.contains(word), "{error}");
        }
        let error = SettingsFile::read(place.path()).expect_err("a directory");
        assert!(matches!(error, FileError::Io { .. }));
    }
}
