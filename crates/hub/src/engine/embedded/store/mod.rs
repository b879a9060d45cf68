//! What survives: one thread writes, many readers read, in one file.
//!
//! Writes that come together share a transaction, and so the wait for the
//! disk; [`writer`] is that thread, [`changes`] what it does to the tables.
//! [`tables`] says what lies where, [`open`] what becomes of a file at start,
//! [`mod@read`] answers questions, [`room`] says how much fits, [`seldom`] keeps
//! the log short.

mod changes;
mod open;
mod read;
mod room;
mod seldom;
mod tables;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use live_dashboard_protocol::publish::Store as Kept;
use redb::backends::InMemoryBackend;
use redb::{Database, DatabaseError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use ulid::Ulid;

use super::super::{EngineError, Message, NewMessage, Storage};
use super::Clock;
use super::ids::Ids;
use writer::Writer;

pub use open::OpenError;
#[cfg(test)]
pub(super) use open::{prepare, set_format};
pub(super) use read::Remembered;

/// A token's use is remembered for a little longer than it matters, for clocks
/// that go back.
pub(super) const USE_GRACE: Duration = Duration::from_secs(60 * 60);
/// So many bytes may wait for the disk; who comes after waits to ask.
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;
/// What a write takes in memory beside its messages, at most.
const WRITE_BYTES: usize = 4 * 1024;

/// Opens the database again after its medium failed.
pub(super) type Reopen = Box<dyn Fn() -> Result<Database, String> + Send>;

/// The store, for those who ask.
pub(super) struct Store {
    shared: Arc<Shared>,
    requests: Sender<Request>,
    permits: Arc<Semaphore>,
}

/// What writer and readers share.
pub(super) struct Shared {
    /// `None` while it is closed. Reading holds the lock shared; the writer
    /// takes it alone to put another database in.
    database: RwLock<Option<Database>>,
    messages: AtomicU64,
    bytes: AtomicU64,
    evicted: AtomicU64,
    limit: u64,
}

/// A change to what is stored.
#[derive(Debug)]
pub(super) enum Change {
    /// A message that stays until `expires`, in milliseconds.
    Insert { message: Message, expires: u64 },
    /// A deduplication id that keeps others away until then.
    Remember {
        channel: String,
        deduplication_id: String,
        id: Ulid,
        until: u64,
    },
    /// The single use of a token, of no use after `until`.
    Use { jti: String, until: u64 },
    /// A message for later.
    Schedule {
        key: ScheduleKey,
        message: NewMessage,
    },
    /// It is later now.
    Unschedule {
        key: ScheduleKey,
        message: NewMessage,
    },
}

impl Change {
    /// The bytes of the payload that comes with it.
    fn payload(&self) -> usize {
        match self {
            Self::Insert { message, .. } => message.data.get().len(),
            Self::Schedule { message, .. } | Self::Unschedule { message, .. } => {
                message.data.get().len()
            }
            Self::Remember { .. } | Self::Use { .. } => 0,
        }
    }

    /// What it adds, of the storage limit, to what cannot be evicted.
    fn lasting_size(&self) -> u64 {
        match self {
            Self::Remember {
                channel,
                deduplication_id,
                ..
            } => tables::duplicate_size(channel, deduplication_id),
            Self::Use { jti, .. } => tables::used_size(jti),
            Self::Schedule { message, .. } => tables::scheduled_size(tables::scheduled(message)),
            Self::Insert { .. } | Self::Unschedule { .. } => 0,
        }
    }
}

/// When a scheduled message is due, in milliseconds, and its own id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScheduleKey {
    pub(super) at: u64,
    pub(super) id: Ulid,
}

/// Told, on the writer's thread, whether the changes are durable.
type Done = Box<dyn FnOnce(Result<(), EngineError>) + Send>;

/// Calls back once: when it is told, or else when it is dropped, for a store
/// that ends must leave nobody waiting.
struct Reply(Option<Done>);

impl Reply {
    fn tell(mut self, result: Result<(), EngineError>) {
        if let Some(done) = self.0.take() {
            done(result);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            done(Err(closed()));
        }
    }
}

/// Changes that are made together or not at all.
pub(super) struct Write {
    changes: Vec<Change>,
    reply: Reply,
    /// As many as it has bytes.
    permit: OwnedSemaphorePermit,
}

impl Write {
    /// What it takes in memory, about.
    fn bytes(&self) -> usize {
        self.permit.num_permits()
    }
}

enum Request {
    Write(Write),
    Sweep(oneshot::Sender<()>),
    Close,
}

impl Store {
    /// Starts the writer on `database`; gives its thread too, and what earlier
    /// processes left to be remembered.
    pub(super) fn start(
        database: Database,
        path: Option<PathBuf>,
        reopen: Reopen,
        limit: u64,
        clock: Clock,
    ) -> Result<(Self, JoinHandle<()>, Arc<Ids>, Remembered), EngineError> {
        let shared = Arc::new(Shared {
            database: RwLock::new(Some(database)),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            limit,
        });
        let remembered = shared.remembered()?;
        let ids = Arc::new(Ids::after(remembered.reserved));
        let (requests, received) = mpsc::channel();
        let mut writer = Writer::new(
            Arc::clone(&shared),
            path,
            reopen,
            received,
            Arc::clone(&ids),
            clock,
        )?;
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run())
            .map_err(|error| EngineError::Store(error.to_string()))?;
        let store = Self {
            shared,
            requests,
            permits: Arc::new(Semaphore::new(MAX_WAITING_BYTES)),
        };
        Ok((store, thread, ids, remembered))
    }

    /// A place among the writes that may wait for the disk, for one with a
    /// payload of so many bytes.
    pub(super) async fn permit(&self, payload: usize) -> Result<OwnedSemaphorePermit, EngineError> {
        let bytes = (payload + WRITE_BYTES).min(MAX_WAITING_BYTES);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let permits = Arc::clone(&self.permits);
        permits
            .acquire_many_owned(bytes)
            .await
            .map_err(|_| closed())
    }

    /// Hands changes to the writer; they are made in the order of these calls.
    /// Where the store is closed, gives them back. `done` is always called, at
    /// the latest when what was given back is dropped.
    pub(super) fn write(
        &self,
        permit: OwnedSemaphorePermit,
        changes: Vec<Change>,
        done: impl FnOnce(Result<(), EngineError>) + Send + 'static,
    ) -> Option<Write> {
        let write = Write {
            changes,
            reply: Reply(Some(Box::new(done))),
            permit,
        };
        match self.requests.send(Request::Write(write)) {
            Err(mpsc::SendError(Request::Write(write))) => Some(write),
            _ => None,
        }
    }

    /// Makes changes; returns when they are durable.
    pub(super) async fn write_and_wait(&self, changes: Vec<Change>) -> Result<(), EngineError> {
        let payload = changes.iter().map(Change::payload).sum();
        let permit = self.permit(payload).await?;
        let (sender, receiver) = oneshot::channel();
        drop(self.write(permit, changes, move |result| {
            // A caller that has gone need not be told.
            let _ = sender.send(result);
        }));
        receiver.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Removes what is past its time.
    pub(super) async fn sweep(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.requests.send(Request::Sweep(sender)).is_ok() {
            // An error means that the store was closed: nothing to sweep.
            let _ = receiver.await;
        }
    }

    /// Asks the writer to end after what it has.
    pub(super) fn close(&self) {
        // It may have ended already.
        let _ = self.requests.send(Request::Close);
    }

    /// Reads on a thread where that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Shared) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || read(&shared))
            .await
            .unwrap_or_else(|error| Err(EngineError::Store(error.to_string())))
    }

    /// What the store holds.
    pub(super) fn storage(&self) -> Storage {
        self.shared.storage()
    }
}

impl Shared {
    fn storage(&self) -> Storage {
        Storage {
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            limit: self.limit,
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, EngineError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(closed)?;
        act(database).map_err(|error| EngineError::Store(error.to_string()))
    }
}

/// Opens the store in a file.
pub(super) fn open(path: PathBuf) -> Result<(Database, Reopen), OpenError> {
    let database = open::open(&path, true)?;
    let reopen = move || open::open(&path, false).map_err(|error| error.to_string());
    Ok((database, Box::new(reopen)))
}

/// A store that ends with the process.
pub(super) fn in_memory() -> Result<(Database, Reopen), EngineError> {
    let make = || {
        let database = open::builder().create_with_backend(InMemoryBackend::new())?;
        open::prepare(&database).map_err(|error| match error {
            redb::Error::Io(error) => error.into(),
            other => DatabaseError::Storage(redb::StorageError::Corrupted(other.to_string())),
        })?;
        Ok::<_, DatabaseError>(database)
    };
    let database = make().map_err(|error| EngineError::Store(error.to_string()))?;
    let reopen = || Err("a store in memory cannot be opened again".to_owned());
    Ok((database, Box::new(reopen)))
}

/// When a message that is kept like this and published at `now` expires, in
/// milliseconds; `None` where it is not stored.
pub(super) fn expires(kept: Kept, now: SystemTime) -> Option<u64> {
    match kept {
        Kept::No => None,
        Kept::Seconds(seconds) => Some(super::ids::millis(now) + u64::from(seconds) * 1000),
        Kept::Forever => Some(tables::NEVER),
    }
}

fn closed() -> EngineError {
    EngineError::Store("it is closed".into())
}
