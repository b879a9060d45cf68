//! Opens the store's file or says why not. Never overwrites an existing file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// The format that this version reads and writes, in the file's `user_version`.
const FORMAT: i64 = 1;
/// Marks a file as a hub's store, in its `application_id`: "LDhb" in ASCII.
const APPLICATION: i64 = 0x4C44_6862;
/// The size of the pages of a new file, in bytes.
pub(super) const PAGE_SIZE: u64 = 4096;
/// How long to wait for another program that locks the file, such as the `sqlite3`
/// shell. Tests lock it on purpose, and no test waits for the end of this time.
const BUSY_TIMEOUT: Duration = Duration::from_secs(if cfg!(test) { 60 } else { 2 });
/// How long to wait for another hub that is closing the store.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause between two attempts to lock it.
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// The store cannot be opened. Its file is unchanged.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the store `{}`: {reason}", .path.display())]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// Why, and what to do.
    pub reason: OpenErrorReason,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenErrorReason {
    /// Another process has it open.
    #[error("a running hub is using it. Stop that hub, or name another directory with --data-dir")]
    InUse,
    /// The file of an earlier version is there.
    #[error(
        "`{}` is there, the store of an earlier version, which this one cannot read. Move that \
         file away to start with an empty store, or keep running the earlier version", .0.display()
    )]
    Older(PathBuf),
    /// A newer version wrote it.
    #[error(
        "it has format {0}, and this hub reads format {FORMAT}. Start a newer hub, or move the \
         file away to start with an empty store"
    )]
    Newer(i64),
    /// It does not belong to a hub.
    #[error(
        "the file is not a hub's store. Move it away, or give the hub another directory with \
         --data-dir"
    )]
    Foreign,
    /// Its content is inconsistent.
    #[error(
        "it is damaged ({0}). Restore it from a backup, or move it away to start with an empty \
         store"
    )]
    Damaged(String),
    /// The operating system refuses access, or SQLite does.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<rusqlite::Error> for OpenErrorReason {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Io(io::Error::other(error)),
        }
    }
}

/// Opens the store at `path` for the writer. Creates it, with its directory, if
/// there is none. The returned file is locked to keep other hubs out.
pub(super) fn open(path: &Path) -> Result<(Connection, File), OpenErrorReason> {
    let older = path.with_extension("redb");
    if older.exists() {
        return Err(OpenErrorReason::Older(older));
    }
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let lock = lock(path)?;
    drop(create(path)?);
    let mut connection = connect(path)?;
    // Whatever was committed survives a power cut. The cache is 32 MiB.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA cache_size = -32768;",
    )?;
    if is_empty(&connection)? {
        initialize(&mut connection)?;
    }
    check(&connection)?;
    // Stores of this format may be older than this table.
    connection.execute_batch(include_str!("records.sql"))?;
    // `VACUUM INTO` writes files in another mode.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    Ok((connection, lock))
}

/// Keeps other hubs out of the store at `path` until the returned file is closed. A new
/// process of the hub that had it locked holds the lock too, from its fork until it runs
/// its own program.
pub(super) fn lock(path: &Path) -> Result<File, OpenErrorReason> {
    // Not the store itself: closing a second handle of it would drop SQLite's locks.
    let lock = create(&path.with_extension("lock"))?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_RETRY);
            }
            Err(TryLockError::WouldBlock) => return Err(OpenErrorReason::InUse),
        }
    }
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a connection to a file that exists.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Creates a file that only its owner may read, unless there is one.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Checks what the file is and each of its pages.
pub(super) fn check(connection: &Connection) -> Result<(), OpenErrorReason> {
    let (application, format) = marks(connection)?;
    match (application, format) {
        (APPLICATION, FORMAT) => {}
        (APPLICATION, _) => return Err(OpenErrorReason::Newer(format)),
        _ => return Err(OpenErrorReason::Foreign),
    }
    let result: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    match result.as_str() {
        "ok" => Ok(()),
        _ => Err(OpenErrorReason::Damaged(result)),
    }
}

/// Returns the file's `application_id` and `user_version`.
fn marks(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(
        "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let objects: u64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(objects == 0 && marks(connection)? == (0, 0))
}

fn initialize(connection: &mut Connection) -> rusqlite::Result<()> {
    // These must come before the first table.
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}
