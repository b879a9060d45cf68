//! Opens the store's file, or says why not. Never begins afresh on a file that
//! is there.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, DatabaseError, ReadableDatabase, StorageError, TableError};

use super::tables::{
    BY_AGE, BY_EVENT, BY_EXPIRY, DUPLICATES, FORMAT, MESSAGES, META, META_FORMAT, SCHEDULES, USED,
};

/// What every file of the library begins with.
const MAGIC: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";
/// How much of the file is kept in memory, in bytes.
const CACHE: usize = 32 * 1024 * 1024;

/// Why the store cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "`{}` is in use by another hub: stop that one, or give this one a \
         directory of its own with --data-dir", .path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A newer hub wrote it.
    #[error(
        "`{}` is of format {found}, and this hub knows formats up to {FORMAT}: \
         start a newer hub, or move the file away to begin with an empty store", .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// It is not a hub's.
    #[error(
        "`{}` is not a hub's store: move it away, or give the hub another \
         directory with --data-dir", .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It is not as it was written.
    #[error(
        "`{}` is damaged ({reason}): put a copy of it from a backup in its \
         place, or move it away to begin with an empty store", .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system does not let the hub use it.
    #[error("`{}` cannot be opened: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// How the library is set up, for a file or anything else.
pub(super) fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}

/// Opens a file that is there, or makes one. With `check` each page is looked
/// at.
pub(super) fn open(path: &Path, check: bool) -> Result<Database, OpenError> {
    let io = |error| OpenError::Io {
        path: path.to_owned(),
        error,
    };
    if path.metadata().map_or(true, |file| file.len() == 0) {
        make(path).map_err(io)?;
    }
    let mut beginning = Vec::new();
    let mut file = File::open(path).map_err(io)?.take(MAGIC.len() as u64);
    file.read_to_end(&mut beginning).map_err(io)?;
    if beginning != MAGIC {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let database = builder().set_check_integrity_on_open(check).open(path)?;
        let format = format_of(&database)?;
        Ok((database, format))
    }));
    let damaged = |reason: String| OpenError::Damaged {
        path: path.to_owned(),
        reason,
    };
    match opened {
        Ok(Ok((database, Some(FORMAT)))) => Ok(database),
        Ok(Ok((_, Some(found)))) => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
        }),
        Ok(Ok((_, None))) => Err(OpenError::Foreign {
            path: path.to_owned(),
        }),
        Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(OpenError::InUse {
            path: path.to_owned(),
        }),
        Ok(Err(DatabaseError::Storage(StorageError::Io(error)))) => Err(io(error)),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        // The library asserts what it wrote itself.
        Err(_) => Err(damaged("its pages contradict each other".into())),
    }
}

/// Makes an empty store in a file of another name first: what has the store's
/// name is whole.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let unfinished = path.with_extension("new");
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?;
    let database = builder()
        .create(&unfinished)
        .map_err(std::io::Error::other)?;
    prepare(&database).map_err(std::io::Error::other)?;
    database.close().map_err(std::io::Error::other)?;
    std::fs::rename(unfinished, path)
}

/// Writes what an empty store has.
pub(in crate::engine::embedded) fn prepare(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert(META_FORMAT, FORMAT)?;
    transaction.open_table(MESSAGES)?;
    transaction.open_table(BY_EVENT)?;
    transaction.open_table(BY_AGE)?;
    transaction.open_table(BY_EXPIRY)?;
    transaction.open_table(DUPLICATES)?;
    transaction.open_table(USED)?;
    transaction.open_table(SCHEDULES)?;
    transaction.commit()?;
    Ok(())
}

/// The format of a hub's store; `None` where the file is something else's.
fn format_of(database: &Database) -> Result<Option<u64>, DatabaseError> {
    let storage = |error: redb::Error| match error {
        redb::Error::Io(error) => DatabaseError::Storage(StorageError::Io(error)),
        other => DatabaseError::Storage(StorageError::Corrupted(other.to_string())),
    };
    let transaction = database
        .begin_read()
        .map_err(|error| storage(error.into()))?;
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. }) => {
            return Ok(None);
        }
        Err(error) => return Err(storage(error.into())),
    };
    let format = meta
        .get(META_FORMAT)
        .map_err(|error| storage(error.into()))?
        .map(|format| format.value());
    Ok(format)
}

/// Makes a store one of another format.
#[cfg(test)]
pub(in crate::engine::embedded) fn set_format(path: &Path, format: u64) {
    let database = builder().open(path).expect("a store");
    let transaction = database.begin_write().expect("writable");
    transaction
        .open_table(META)
        .and_then(|mut meta| Ok(meta.insert(META_FORMAT, format).map(drop)?))
        .expect("written");
    transaction.commit().expect("durable");
}
