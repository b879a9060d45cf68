//! The one thread that writes. It takes all writes that are waiting, commits them
//! in one transaction, so that they wait for the disk once, and answers each.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Request, Shared, Write, open};
use crate::engine::embedded::ids::Ids;
use crate::engine::embedded::{Settings, lock};
use crate::engine::{EngineError, Storage};
use crate::log_throttle::LogThrottle;

/// How often the writer checks, without a request, whether ids must be reserved.
const RENEWAL: Duration = Duration::from_secs(1);
/// How long the writer waits for more writes if nobody waits for those it has: each
/// commit is an effort for a disk, and wears some.
const GATHERING: Duration = Duration::from_millis(200);
/// How long the writer waits for another write of a group, which is only being queued.
const GROUP: Duration = Duration::from_millis(50);
/// The most bytes that one transaction writes, if the storage limit is large.
const MAX_BATCH: u64 = 16 * 1024 * 1024;
/// How long to wait before trying again to empty a log that is in use.
const LOG_RETRY: Duration = Duration::from_secs(60);
/// The most messages that are evicted before the space is measured again.
const EVICTED_AT_ONCE: u64 = 1000;

/// The writer's state.
pub(super) struct Writer {
    pub(super) connection: Connection,
    /// The file of the write-ahead log.
    pub(super) log: PathBuf,
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) requests: Receiver<Request>,
    pub(super) ids: Arc<Ids>,
    pub(super) refused: LogThrottle,
    pub(super) evicted: LogThrottle,
    /// Until then the log is not emptied: another program may be reading it.
    pub(super) log_in_use_until: Instant,
    /// The ids were far ahead of the clock at the last commit.
    pub(super) far_ahead: bool,
    /// How many groups of writes are being queued.
    pub(super) gathering: usize,
    /// Keeps other hubs out.
    pub(super) _lock: File,
}

impl Writer {
    /// Configures the log, and reserves ids before the first one is given.
    pub(super) fn prepare(&mut self) -> rusqlite::Result<()> {
        // The log is copied to the store, and then reused, when it has this many pages.
        let pages = (self.max_batch() / open::PAGE_SIZE).max(1);
        let connection = &self.connection;
        connection.pragma_update(None, "wal_autocheckpoint", pages)?;
        self.commit(&[]).map(drop)
    }

    /// Writes until it is asked to close.
    pub(super) fn run(mut self) {
        while self.turn() {}
        let reserved = self.ids.final_reservation();
        if let Err(error) = reserve(&self.connection, reserved) {
            tracing::warn!(%error, "cannot release reserved ids; they will be skipped");
        }
        // The last connection to close empties the log.
        lock(&self.shared.readers).take();
    }

    /// Commits and answers what is waiting. Returns `false` when asked to close.
    fn turn(&mut self) -> bool {
        let (writes, open) = self.collect();
        // If the disk is full, emptying the log may make space for another try.
        let result = self
            .commit(&writes)
            .or_else(|error| match self.empty_log() {
                Ok(true) => self.commit(&writes),
                _ => Err(error),
            });
        match result {
            Ok(results) => {
                for (write, result) in writes.into_iter().zip(results) {
                    write.reply.send(result);
                }
            }
            Err(error) => {
                lock(&self.shared.storage).failing = true;
                if let Some(refused) = self.refused.count(writes.len() as u64) {
                    tracing::error!(%error, refused, "cannot write to the store");
                }
                // A commit that failed to sync may still be in the log. It must not come back
                // after a restart.
                let _ = self.empty_log();
                let error = EngineError::from(error);
                for write in writes {
                    write.reply.send(Err(error.clone()));
                }
            }
        }
        open
    }

    /// Waits for requests and takes as many as fit one transaction. Gathers those that
    /// nobody waits for. Also returns `false` when asked to close.
    fn collect(&mut self) -> (Vec<Write>, bool) {
        let first = match self.requests.recv_timeout(RENEWAL) {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Request::Close),
        };
        let until = Instant::now() + GATHERING;
        let (mut writes, mut bytes, mut all_later) = (Vec::new(), 0, true);
        let mut next = first;
        while let Some(request) = next {
            match request {
                Request::Write(write) => {
                    bytes += write.bytes();
                    all_later &= write.later;
                    writes.push(write);
                }
                Request::Gather => {
                    self.gathering += 1;
                    all_later = false;
                }
                Request::Gathered => self.gathering -= 1,
                Request::Close => return (writes, false),
            }
            if bytes >= self.max_batch() {
                break;
            }
            let wait = match (self.gathering, all_later) {
                (0, true) => until.saturating_duration_since(Instant::now()),
                (0, false) => Duration::ZERO,
                _ => GROUP,
            };
            next = self.requests.recv_timeout(wait).ok();
        }
        (writes, true)
    }

    /// A batch needs space in addition to what is stored: it must be small if the limit
    /// is.
    fn max_batch(&self) -> u64 {
        MAX_BATCH.min(self.settings.storage_limit / 16)
    }

    /// Commits all writes but those that would exceed their share of the storage,
    /// and returns the number of rows that each affected.
    fn commit(&mut self, writes: &[Write]) -> rusqlite::Result<Vec<Result<usize, EngineError>>> {
        let start = Instant::now();
        let now = (self.settings.clock)();
        self.watch_clock(now);
        let reservation = self.ids.renewal(now);
        let before = *lock(&self.shared.storage);
        let mut storage = before;
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let results = writes
            .iter()
            .map(|write| apply(&mut transaction, write, storage.limit / 4))
            .collect::<rusqlite::Result<_>>()?;
        if let Some(reserved) = reservation {
            reserve(&transaction, reserved)?;
        }
        evict(&transaction, &mut storage)?;
        transaction.commit()?;
        if !writes.is_empty() {
            let seconds = start.elapsed().as_secs_f64();
            self.shared.commits.observe(seconds);
        }
        if let Some(reserved) = reservation {
            self.ids.renewed(reserved);
        }
        if let Some(messages) = self.evicted.count(storage.evicted - before.evicted) {
            let limit = storage.limit;
            tracing::warn!(
                messages,
                limit,
                "storage limit reached; deleted the oldest messages before they expired"
            );
        }
        // An empty transaction writes nothing, and so tells nothing.
        storage.failing &= writes.is_empty() && reservation.is_none();
        *lock(&self.shared.storage) = storage;
        self.bound_log();
        Ok(results)
    }

    /// Reports once if the clock has gone back so that the ids are far ahead of it.
    fn watch_clock(&mut self, now: SystemTime) {
        let ahead = self.ids.far_ahead(now);
        if let Some(ahead) = ahead.filter(|_| !self.far_ahead) {
            tracing::warn!(
                seconds = ahead.as_secs(),
                "the clock went back; message ids stay ahead of it until it catches up or the \
                 hub restarts"
            );
        }
        self.far_ahead = ahead.is_some();
    }

    /// Empties the log if it is too long: overlapping queries keep it from being reused.
    fn bound_log(&mut self) {
        let length = self.log.metadata().map_or(0, |log| log.len());
        let too_long = length > self.settings.storage_limit / 4;
        if too_long
            && self.log_in_use_until < Instant::now()
            && !matches!(self.empty_log(), Ok(true))
        {
            self.log_in_use_until = Instant::now() + LOG_RETRY;
            tracing::warn!(
                length,
                "cannot empty the log: is another program reading the store?"
            );
        }
    }

    /// Copies the log to the store and empties it. Waits for running queries; returns
    /// `false` if they take too long.
    fn empty_log(&self) -> rusqlite::Result<bool> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = self
            .connection
            .query_row(checkpoint, [], |row| row.get(0))?;
        Ok(!busy)
    }
}

/// Makes the changes of one write, or none if those that cannot be evicted would
/// exceed `max_pinned` bytes.
fn apply(
    transaction: &mut Transaction<'_>,
    write: &Write,
    max_pinned: u64,
) -> rusqlite::Result<Result<usize, EngineError>> {
    let savepoint = transaction.savepoint()?;
    let before = pinned(&savepoint)?;
    let mut rows = 0;
    for change in &write.changes {
        rows += change.apply(&savepoint)?;
    }
    let after = pinned(&savepoint)?;
    if after > before && after > max_pinned {
        // Dropping the savepoint takes the changes back.
        return Ok(Err(EngineError::Store(
            "deduplication ids, used tokens, schedules and records fill a quarter of the storage limit; \
             raise the limit or try again later"
                .into(),
        )));
    }
    savepoint.commit()?;
    Ok(Ok(rows))
}

/// Returns the bytes that cannot be evicted.
fn pinned(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT pinned FROM state")?
        .query_row([], |row| row.get(0))
}

/// Records that ids before `reserved`, in milliseconds since the Unix epoch, may be
/// given.
fn reserve(connection: &Connection, reserved: u64) -> rusqlite::Result<usize> {
    connection.execute("UPDATE state SET reserved = ?1", [reserved])
}

/// Deletes the oldest messages until the rest fits the limit, and measures what is
/// stored.
fn evict(connection: &Connection, storage: &mut Storage) -> rusqlite::Result<()> {
    loop {
        let (messages, bytes, file): (u64, u64, u64) = connection
            .prepare_cached(
                "SELECT messages, (page_count - freelist_count) * page_size, page_count * page_size \
                 FROM state, pragma_page_count, pragma_freelist_count, pragma_page_size",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        (storage.messages, storage.bytes) = (messages, bytes);
        let excess = bytes.saturating_sub(storage.limit);
        if excess == 0 || messages == 0 {
            // Free pages are reused. There are too many only after the limit was lowered.
            if file > storage.limit.saturating_add(storage.limit / 4) {
                let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
                let mut freed = statement.query([])?;
                while freed.next()?.is_some() {}
            }
            return Ok(());
        }
        // So many messages of mean size make up the excess.
        let count = (excess / (bytes / messages + 1)).clamp(1, EVICTED_AT_ONCE);
        let deleted = connection
            .prepare_cached(
                "DELETE FROM messages WHERE number IN \
                 (SELECT number FROM messages ORDER BY number LIMIT ?1)",
            )?
            .execute([count])?;
        storage.evicted += deleted as u64;
    }
}
