//! What survives a restart: one SQLite file, one thread that writes, a few
//! connections that read.
//!
//! - `schema.sql`, `records.sql`: the tables.
//! - [`open`]: opens and checks the file.
//! - [`writer`]: the thread that commits, evicts and bounds the file.
//! - [`backup`]: copies of the file.
//! - [`changes`]: what can be written.
//! - [`mod@read`]: what can be queried.

mod backup;
mod changes;
mod open;
pub(super) mod read;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use ulid::Ulid;

use super::super::{EngineError, Storage};
use super::ids::{Ids, far_ahead, millis};
use super::{Settings, lock};
use crate::log_throttle::LogThrottle;
use crate::metrics;
use read::Remembered;
use writer::Writer;

pub use backup::{BackupError, back_up, restore};
pub(super) use changes::Change;
pub use open::{OpenError, OpenErrorReason};

/// How many bytes of writes may wait for the disk; later ones wait to be queued.
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;
/// The most memory that a queued write takes in addition to its payload, in bytes.
const WRITE_BYTES: usize = 4 * 1024;
/// How many queries run at once.
const READERS: usize = 4;

/// A handle to the store.
pub(super) struct Store {
    pub(super) ids: Arc<Ids>,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    requests: Sender<Request>,
    /// The number of writes that are made later and are not made yet.
    later: Arc<AtomicUsize>,
    write_permits: Arc<Semaphore>,
    read_permits: Arc<Semaphore>,
}

/// What the writer shares with the store's users.
struct Shared {
    storage: Mutex<Storage>,
    /// How long commits took, in seconds.
    commits: Histogram,
    /// Idle connections; `None` once the store is closed.
    readers: Mutex<Option<Vec<Connection>>>,
}

enum Request {
    Write(Write),
    /// More writes follow, which belong together.
    Gather,
    /// No more do.
    Gathered,
    Close,
}

/// Changes that are made together or not at all.
pub(super) struct Write {
    changes: Vec<Change>,
    reply: Reply,
    /// Whether nobody waits for it, so that it may wait for others.
    later: bool,
    /// Its share of [`MAX_WAITING_BYTES`].
    permit: OwnedSemaphorePermit,
}

impl Write {
    /// About how much memory it takes, in bytes.
    fn bytes(&self) -> u64 {
        self.permit.num_permits() as u64
    }
}

/// The number of rows that a write affected.
type WriteResult = Result<usize, EngineError>;

/// Calls back once, on the writer's thread: with the result, or with an error when
/// dropped, so that a store that closes leaves nobody waiting.
struct Reply(Option<Box<dyn FnOnce(WriteResult) + Send>>);

impl Reply {
    fn send(mut self, result: WriteResult) {
        if let Some(callback) = self.0.take() {
            callback(result);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(callback) = self.0.take() {
            callback(Err(closed()));
        }
    }
}

/// Writes that belong together are being queued.
pub(super) struct Gathering<'a>(&'a Sender<Request>);

impl Drop for Gathering<'_> {
    fn drop(&mut self) {
        let _ = self.0.send(Request::Gathered);
    }
}

impl Store {
    /// Opens the store at `path`, or creates it, and starts its writer. Also returns
    /// the deduplication ids of stored messages.
    pub(super) fn open(
        path: &Path,
        settings: Settings,
    ) -> Result<(Self, Vec<Remembered>), OpenErrorReason> {
        let (connection, lock) = open::open(path)?;
        let readers: rusqlite::Result<_> = (0..READERS).map(|_| open::open_reader(path)).collect();
        let shared = Arc::new(Shared {
            storage: Mutex::new(Storage {
                limit: settings.storage_limit,
                ..Storage::default()
            }),
            commits: metrics::seconds(),
            readers: Mutex::new(Some(readers?)),
        });
        let now = (settings.clock)();
        changes::shorten(&connection, millis(now))?;
        let remembered = read::remembered(&connection, millis(now))?;
        let reserved = read::reserved(&connection)?;
        let far_ahead = far_ahead(reserved, now);
        let reserved = far_ahead.map_or(reserved, |_| millis(now));
        let newest = read::newest_after(&connection, Ulid::from_parts(reserved, 0))?;
        if let Some(ahead) = far_ahead {
            tracing::warn!(
                seconds = ahead.as_secs(),
                channels = newest.len(),
                "the clock was ahead before, or is behind now; message ids return to it, except \
                 on channels with later stored messages"
            );
        }
        let ids = Arc::new(Ids::after(reserved, newest));
        let (requests, received) = mpsc::channel();
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let mut writer = Writer {
            connection,
            log: log.into(),
            settings,
            shared: Arc::clone(&shared),
            requests: received,
            ids: Arc::clone(&ids),
            refused: LogThrottle::default(),
            evicted: LogThrottle::default(),
            log_in_use_until: Instant::now(),
            far_ahead: false,
            gathering: 0,
            _lock: lock,
        };
        writer.prepare()?;
        let log = tracing::dispatcher::get_default(Clone::clone);
        let writer = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || tracing::dispatcher::with_default(&log, || writer.run()))?;
        let store = Self {
            ids,
            shared,
            writer: Mutex::new(Some(writer)),
            requests,
            later: Arc::default(),
            write_permits: Arc::new(Semaphore::new(MAX_WAITING_BYTES)),
            read_permits: Arc::new(Semaphore::new(READERS)),
        };
        Ok((store, remembered))
    }

    /// Waits for a place in the writer's queue, for a write with a payload of this
    /// many bytes.
    pub(super) async fn permit(&self, payload: usize) -> Result<OwnedSemaphorePermit, EngineError> {
        let bytes = (payload + WRITE_BYTES).min(MAX_WAITING_BYTES);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let permits = Arc::clone(&self.write_permits);
        permits
            .acquire_many_owned(bytes)
            .await
            .map_err(|_| closed())
    }

    /// As [`Store::permit`], for several writes that are queued together. More than fit
    /// the queue share what there is.
    pub(super) async fn permits(
        &self,
        payloads: impl Iterator<Item = usize>,
    ) -> Result<Vec<OwnedSemaphorePermit>, EngineError> {
        let bytes: Vec<_> = payloads.map(|payload| payload + WRITE_BYTES).collect();
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = self.permit(bytes.iter().sum()).await?;
        let mut split = |bytes: usize| {
            let permit = all.split(bytes.min(all.num_permits()));
            permit.expect("no more than there are")
        };
        Ok(bytes.into_iter().map(&mut split).collect())
    }

    /// Lets the writer commit what is queued, until the result is dropped, in one
    /// transaction.
    pub(super) fn gather(&self) -> Gathering<'_> {
        // If the store is closed, the writes fail.
        let _ = self.requests.send(Request::Gather);
        Gathering(&self.requests)
    }

    /// Queues changes; the writer makes them in the order of these calls. If the
    /// store is closed, returns them. `callback` is always called, at the latest when
    /// what was returned is dropped.
    pub(super) fn write(
        &self,
        permit: OwnedSemaphorePermit,
        changes: Vec<Change>,
        callback: impl FnOnce(WriteResult) + Send + 'static,
    ) -> Option<Write> {
        let write = Write {
            changes,
            reply: Reply(Some(Box::new(callback))),
            later: false,
            permit,
        };
        match self.requests.send(Request::Write(write)) {
            Err(mpsc::SendError(Request::Write(write))) => Some(write),
            _ => None,
        }
    }

    /// Queues changes as [`Store::write`] does. Nobody learns whether they are made.
    pub(super) fn write_later(&self, permit: OwnedSemaphorePermit, changes: Vec<Change>) {
        self.later.fetch_add(1, Ordering::SeqCst);
        let later = Arc::clone(&self.later);
        let made = move |_| {
            later.fetch_sub(1, Ordering::SeqCst);
        };
        // If the store is closed, dropping the request calls back.
        let _ = self.requests.send(Request::Write(Write {
            changes,
            reply: Reply(Some(Box::new(made))),
            later: true,
            permit,
        }));
    }

    /// Waits until the writes are made that were to be made later.
    pub(super) async fn catch_up(&self) {
        if self.later.load(Ordering::SeqCst) > 0 {
            // If the store fails, what it has can still be read.
            let _ = self.make(Vec::new(), 0).await;
        }
    }

    /// Makes a change and returns, once it is durable, how many rows it affected.
    pub(super) async fn write_and_wait(&self, change: Change) -> WriteResult {
        let payload = change.payload();
        self.make(vec![change], payload).await
    }

    async fn make(&self, changes: Vec<Change>, payload: usize) -> WriteResult {
        let permit = self.permit(payload).await?;
        let (sender, receiver) = oneshot::channel();
        drop(self.write(permit, changes, move |result| {
            // The caller may be gone.
            let _ = sender.send(result);
        }));
        receiver.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Runs a query on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, EngineError> {
        let permits = Arc::clone(&self.read_permits);
        let permit = permits.acquire_owned().await.map_err(|_| closed())?;
        let shared = Arc::clone(&self.shared);
        let read = move || {
            // Held to the end, even if the caller stops waiting.
            let _permit = permit;
            let idle = lock(&shared.readers).as_mut().and_then(Vec::pop);
            let connection = idle.ok_or_else(closed)?;
            let result = query(&connection);
            if let Some(readers) = lock(&shared.readers).as_mut() {
                readers.push(connection);
            }
            Ok(result?)
        };
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or_else(|error| Err(EngineError::Store(error.to_string())))
    }

    /// How long commits took, in seconds.
    pub(super) fn commits(&self) -> &Histogram {
        &self.shared.commits
    }

    /// Returns what the store holds.
    pub(super) fn storage(&self) -> Storage {
        *lock(&self.shared.storage)
    }

    /// Finishes what is queued and closes the store. Blocks until that is done.
    pub(super) fn close(&self) {
        // The writer may have ended already; a panic in it has been logged.
        let _ = self.requests.send(Request::Close);
        let _ = lock(&self.writer).take().map(JoinHandle::join);
    }
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}

pub(super) fn closed() -> EngineError {
    EngineError::Closed
}
