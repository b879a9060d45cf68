//! `keys.toml` in the data directory: created at the first start, readable only by
//! its owner.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::{API_KEY_CHARS, ApiKeys, LimitedKey, MAX_API_KEYS};
use crate::auth::token::MIN_SECRET_BYTES;

const FILE_NAME: &str = "keys.toml";
const SIGNING_KEY_CHARS: usize = 64;
const HEADER: &str = "\
# The secrets of this hub. Whoever has an API key may publish; whoever has the
# signing key may issue tokens to viewers.
";

/// The contents of `keys.toml`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct StoredKeys {
    /// One or two keys of publishers, valid for [`ApiKeys::new`].
    pub api_keys: Vec<String>,
    /// The secret for the hub's own tokens, at least 32 bytes.
    pub signing_key: String,
    /// Keys that are limited to dashboards.
    #[serde(rename = "limited_key", skip_serializing_if = "Vec::is_empty")]
    pub limited_keys: Vec<LimitedKey>,
}

/// Why the keys cannot be used. Never shows the file's contents.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file or its directory cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Users other than its owner may read or write the file.
    #[error("other users may read the keys in {0}: run `chmod 600 {0}`", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The file breaks a rule.
    #[error("{} {rule}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The rule, read after the path.
        rule: String,
    },
}

impl StoredKeys {
    /// Reads the keys in `data_dir`.
    ///
    /// # Errors
    /// There are none, or they cannot be read.
    pub fn load(data_dir: &Path) -> Result<Self, KeyFileError> {
        let path = data_dir.join(FILE_NAME);
        let mut file = File::open(&path).map_err(io_error("open", &path))?;
        check_mode(&file, &path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(io_error("read", &path))?;
        Self::parse(&text).map_err(|rule| KeyFileError::Malformed { path, rule })
    }

    /// Reads the keys in `data_dir`, and creates them if there are none. Of several
    /// processes that create them at once, all get those of the first.
    ///
    /// # Errors
    /// The file cannot be read or created, users other than its owner may read it,
    /// or it is malformed.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, KeyFileError> {
        match Self::load(data_dir) {
            Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                create(data_dir)?;
                Self::load(data_dir)
            }
            loaded => loaded,
        }
    }

    /// Puts a new API key before the first one in `data_dir`, which stays valid until the
    /// next call. A running hub has to reload them.
    ///
    /// # Errors
    /// There are none, or they cannot be read or written.
    pub fn rotate(data_dir: &Path) -> Result<Self, KeyFileError> {
        let mut keys = Self::load(data_dir)?;
        keys.api_keys.insert(0, random_text(API_KEY_CHARS));
        keys.api_keys.truncate(MAX_API_KEYS);
        keys.replace(data_dir)?;
        Ok(keys)
    }

    /// Adds a key to those in `data_dir` that may publish to these dashboards only, and
    /// returns it. A running hub has to reload them.
    ///
    /// # Errors
    /// There are no keys or too many, or they cannot be read or written.
    pub fn add_limited(
        data_dir: &Path,
        dashboards: BTreeSet<String>,
    ) -> Result<String, KeyFileError> {
        let mut keys = Self::load_or_create(data_dir)?;
        let key = random_text(API_KEY_CHARS);
        keys.limited_keys.push(LimitedKey {
            key: key.clone(),
            dashboards,
        });
        keys.check().map_err(|rule| KeyFileError::Malformed {
            path: data_dir.join(FILE_NAME),
            rule,
        })?;
        keys.replace(data_dir)?;
        Ok(key)
    }

    /// Removes a limited key from those in `data_dir`. Returns whether it was there.
    ///
    /// # Errors
    /// There are none, or they cannot be read or written.
    pub fn remove_limited(data_dir: &Path, key: &str) -> Result<bool, KeyFileError> {
        let mut keys = Self::load(data_dir)?;
        let before = keys.limited_keys.len();
        keys.limited_keys.retain(|limited| limited.key != key);
        let removed = keys.limited_keys.len() < before;
        if removed {
            keys.replace(data_dir)?;
        }
        Ok(removed)
    }

    /// Replaces the file in `data_dir`.
    fn replace(&self, data_dir: &Path) -> Result<(), KeyFileError> {
        let path = &data_dir.join(FILE_NAME);
        let write = || {
            self.write_beside(data_dir)?.persist(path)?;
            Ok(())
        };
        write().map_err(io_error("write", path))
    }

    /// The rule that the API keys break, read after the path.
    fn check(&self) -> Result<(), String> {
        let keys = ApiKeys::new(self.api_keys.iter().cloned())
            .map_err(|error| format!("has invalid `api_keys`: {error}"))?;
        let limited = keys.and_limited(self.limited_keys.clone());
        limited.map_err(|error| format!("has an invalid `limited_key`: {error}"))?;
        Ok(())
    }

    fn random() -> Self {
        Self {
            api_keys: (0..MAX_API_KEYS)
                .map(|_| random_text(API_KEY_CHARS))
                .collect(),
            signing_key: random_text(SIGNING_KEY_CHARS),
            limited_keys: Vec::new(),
        }
    }

    /// Writes them to another file, only for its owner, until it is given its name.
    fn write_beside(&self, data_dir: &Path) -> io::Result<NamedTempFile> {
        // Created with mode 0600 under a unique name.
        let mut file = NamedTempFile::with_prefix_in(".keys-", data_dir)?;
        file.write_all(HEADER.as_bytes())?;
        let keys = toml::to_string(self).expect("strings are TOML");
        file.write_all(keys.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Parses the file's text. An error is a rule, read after the path.
    fn parse(text: &str) -> Result<Self, String> {
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // The error's message might quote a key.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.split('\n').count());
            format!("is not valid TOML, in line {line}")
        })?;
        let rule = "must have `api_keys`, an array of strings";
        let api_keys: Vec<String> = table
            .remove("api_keys")
            .and_then(|keys| keys.try_into().ok())
            .ok_or(rule)?;
        let rule =
            "must have each `limited_key` as a table with a `key` and an array of `dashboards`";
        let limited_keys = table.remove("limited_key").map(toml::Value::try_into);
        let limited_keys = limited_keys.transpose().map_err(|_| rule)?;
        let rule =
            format!("must have `signing_key`, a string of at least {MIN_SECRET_BYTES} bytes");
        let signing_key: String = table
            .remove("signing_key")
            .and_then(|key| key.try_into().ok())
            .filter(|key: &String| key.len() >= MIN_SECRET_BYTES)
            .ok_or(rule)?;
        if let Some(key) = table.keys().next() {
            return Err(format!("has an unknown key `{key}`"));
        }
        let keys = Self {
            api_keys,
            signing_key,
            limited_keys: limited_keys.unwrap_or_default(),
        };
        keys.check()?;
        Ok(keys)
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoredKeys({} not shown)",
            self.api_keys.len() + self.limited_keys.len() + 1
        )
    }
}

fn random_text(chars: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), chars)
}

/// Writes new keys, unless another process has done so. The file appears complete
/// or not at all.
fn create(data_dir: &Path) -> Result<(), KeyFileError> {
    let path = &data_dir.join(FILE_NAME);
    make_private_directory(data_dir).map_err(io_error("create the directory", data_dir))?;
    let write = || -> io::Result<()> {
        let file = StoredKeys::random().write_beside(data_dir)?;
        file.persist_noclobber(path)?;
        Ok(())
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written.map_err(io_error("write", path)),
    }
}

fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> KeyFileError + use<'a> {
    move |source| KeyFileError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = file.metadata().map_err(io_error("read", path))?;
    match metadata.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => Err(KeyFileError::Exposed { path: path.into() }),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), KeyFileError> {
    Ok(())
}

fn make_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests;
