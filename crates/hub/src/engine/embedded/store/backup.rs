//! Copies the store to a file, beside a running hub too, and puts such a copy back.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::open::{self, OpenError, OpenErrorReason};

/// What a restore adds to the name of the store that it replaces.
const REPLACED: &str = ".replaced";

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store cannot be read, or is in use.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The file for the backup exists.
    #[error("`{}` exists: name a new file, or move that one away", .0.display())]
    Exists(PathBuf),
    /// The file is a store with a log, without which it is incomplete.
    #[error(
        "`{}` has a log, `{}-wal`: it is not a backup but a store. Make a backup of it first",
        .0.display(), .0.display()
    )]
    HasLog(PathBuf),
    /// A file or its directory cannot be read or written.
    #[error("cannot copy `{}` to `{}`: {error}", .from.display(), .to.display())]
    Io {
        /// What was copied.
        from: PathBuf,
        /// Where to.
        to: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Copies the store at `store` to the new file `target`, as it is at one moment after
/// the call. A hub may be running on it.
///
/// # Errors
/// The store cannot be read, or `target` exists or cannot be written. There is no
/// `target` then, or it is unchanged.
pub fn back_up(store: &Path, target: &Path) -> Result<(), BackupError> {
    if target.exists() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let failed = |error| failed(store, target, error);
    let copy = NamedTempFile::new_in(directory(target)).map_err(failed)?;
    vacuum_into(store, copy.path()).map_err(at(store))?;
    copy.as_file().sync_all().map_err(failed)?;
    match copy.persist_noclobber(target) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(target.to_owned()));
        }
        result => drop(result.map_err(|error| failed(error.error))?),
    }
    sync(directory(target)).map_err(failed)
}

fn vacuum_into(store: &Path, copy: &Path) -> Result<(), OpenErrorReason> {
    let not_text = || io::Error::new(io::ErrorKind::InvalidInput, "its path is not UTF-8");
    let path = copy.to_str().ok_or_else(not_text)?;
    open::connect(store)?.execute("VACUUM INTO ?1", [path])?;
    open::check(&open::connect(copy)?)
}

/// Makes the backup the store at `store`, and returns the file that keeps the store which
/// it replaces, if there was one.
///
/// # Errors
/// A hub is running on the store, or the file is not a backup that this version can read.
/// The store is unchanged then.
pub fn restore(backup: &Path, store: &Path) -> Result<Option<PathBuf>, BackupError> {
    if beside(backup, "-wal").exists() {
        return Err(BackupError::HasLog(backup.to_owned()));
    }
    let failed = |error| failed(backup, store, error);
    let directory = directory(store);
    fs::create_dir_all(directory).map_err(failed)?;
    let _lock = open::lock(store).map_err(at(store))?;
    let mut copy = NamedTempFile::new_in(directory).map_err(failed)?;
    let mut source = File::open(backup).map_err(failed)?;
    io::copy(&mut source, &mut copy).map_err(failed)?;
    copy.as_file().sync_all().map_err(failed)?;
    open::connect(copy.path())
        .map_err(OpenErrorReason::from)
        .and_then(|connection| open::check(&connection))
        .map_err(at(backup))?;
    let replaced = set_aside(store).map_err(failed)?;
    copy.persist(store).map_err(|error| failed(error.error))?;
    sync(directory).map_err(failed)?;
    Ok(replaced)
}

/// Renames a store with its log, which may be all that is left of a damaged one.
fn set_aside(store: &Path) -> io::Result<Option<PathBuf>> {
    if !store.exists() {
        return Ok(None);
    }
    let replaced = beside(store, REPLACED);
    if_there(fs::remove_file(beside(&replaced, "-wal")))?;
    fs::rename(store, &replaced)?;
    if_there(fs::rename(beside(store, "-wal"), beside(&replaced, "-wal")))?;
    if_there(fs::remove_file(beside(store, "-shm")))?;
    Ok(Some(replaced))
}

fn if_there(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in a directory survive a power cut, where the system can.
fn sync(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(OpenErrorReason) -> OpenError {
    let path = path.to_owned();
    |reason| OpenError { path, reason }
}

fn failed(from: &Path, to: &Path, error: io::Error) -> BackupError {
    BackupError::Io {
        from: from.to_owned(),
        to: to.to_owned(),
        error,
    }
}
