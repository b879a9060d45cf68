//! The one thread that writes: takes all that waits, makes it durable in one
//! transaction, and tells everyone. [`outage`] is for when that fails.

mod outage;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::changes::{Swept, Tables, Totals};
use super::seldom::Seldom;
use super::tables::{META, META_RESERVED};
use super::{Change, Reopen, Request, Shared, Write};
use crate::engine::EngineError;
use crate::engine::embedded::Clock;
use crate::engine::embedded::ids::{Ids, millis};

/// The most writes that share a transaction.
const BATCH: usize = 4096;
/// How often the writer looks, without being asked, whether ids must be
/// reserved.
const RENEWAL: Duration = Duration::from_secs(1);
/// The file may be larger than what is kept in it by this much: 3 halves.
const FILE_FACTOR: (u64, u64) = (3, 2);

/// The writer's state.
pub(super) struct Writer {
    shared: Arc<Shared>,
    path: Option<PathBuf>,
    reopen: Reopen,
    requests: Receiver<Request>,
    ids: Arc<Ids>,
    clock: Clock,
    totals: Totals,
    /// Bytes that are kept: the limit, or less where the file would become too
    /// large for it.
    budget: u64,
    /// The medium failed; the library wants to be opened again.
    broken: bool,
    /// Changes of the last transactions, which failed, but may have reached the
    /// medium.
    doubtful: Vec<Change>,
    /// Nothing is to be tried for so long.
    rest: Option<Duration>,
    /// Writes that failed, and messages that had to make room, of which nothing
    /// has been said yet.
    refused: usize,
    evicted: u64,
    complaints: Seldom,
    evictions: Seldom,
    /// Who waits for a sweep that is under way.
    sweeping: Vec<oneshot::Sender<()>>,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        path: Option<PathBuf>,
        reopen: Reopen,
        requests: Receiver<Request>,
        ids: Arc<Ids>,
        clock: Clock,
    ) -> Result<Self, EngineError> {
        let mut writer = Self {
            budget: shared.limit,
            shared,
            path,
            reopen,
            requests,
            ids,
            clock,
            totals: Totals::default(),
            broken: false,
            doubtful: Vec::new(),
            rest: None,
            refused: 0,
            evicted: 0,
            complaints: Seldom::default(),
            evictions: Seldom::default(),
            sweeping: Vec::new(),
        };
        writer.count()?;
        // Ids are reserved before the first one is given.
        writer.commit(&[], false)?;
        Ok(writer)
    }

    /// Writes until it is told to close.
    pub(super) fn run(&mut self) {
        while self.turn() {}
        self.close();
    }

    /// Writes what waits; `false` where it is told to close.
    fn turn(&mut self) -> bool {
        if let Some(rest) = self.rest.take() {
            std::thread::sleep(rest);
        }
        let (writes, closing) = self.collect();
        let sweep = !self.sweeping.is_empty();
        let opened = if self.broken {
            self.open_again()
        } else {
            Ok(())
        };
        let begun = opened.is_ok();
        let result = opened.and_then(|()| self.commit(&writes, sweep));
        if !matches!(result, Ok(Swept::More)) {
            for waiting in self.sweeping.drain(..) {
                // Who asked may have gone.
                let _ = waiting.send(());
            }
        }
        let result = result.map(|_| ());
        if let Err(error) = &result {
            self.refused += writes.len();
            if self.complaints.is_due() {
                let refused = std::mem::take(&mut self.refused);
                tracing::error!(%error, refused, "the store could not be written");
            }
            self.broken = true;
        }
        let mut waiting = Vec::new();
        for write in writes {
            if begun && result.is_err() {
                self.doubtful.extend(write.changes);
            }
            waiting.push(write.done);
        }
        if result.is_err() {
            self.recover();
        }
        for done in waiting {
            done(result.clone());
        }
        self.keep_small();
        !closing
    }

    /// Waits for something to do, and takes all that is there.
    fn collect(&mut self) -> (Vec<Write>, bool) {
        let first = if self.sweeping.is_empty() {
            match self.requests.recv_timeout(RENEWAL) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Request::Close),
            }
        } else {
            None
        };
        let mut writes = Vec::new();
        for request in first.into_iter().chain(self.requests.try_iter()) {
            match request {
                Request::Write(write) => writes.push(write),
                Request::Sweep(waiting) => self.sweeping.push(waiting),
                Request::Close => return (writes, true),
            }
            if writes.len() >= BATCH {
                break;
            }
        }
        (writes, false)
    }

    /// Makes writes durable, all of them or none.
    fn commit(&mut self, writes: &[Write], sweep: bool) -> Result<Swept, EngineError> {
        let reservation = self.ids.renewal((self.clock)());
        let nothing = writes.is_empty() && self.doubtful.is_empty();
        if nothing && !sweep && reservation.is_none() {
            return Ok(Swept::All);
        }
        let (totals, swept) = self.shared.with(|database| {
            let transaction = database.begin_write()?;
            let mut tables = Tables::open(&transaction, self.totals)?;
            for change in &self.doubtful {
                tables.undo(change)?;
            }
            for change in writes.iter().flat_map(|write| &write.changes) {
                tables.make(change)?;
            }
            let swept = match sweep {
                true => tables.sweep(millis((self.clock)()))?,
                false => Swept::All,
            };
            tables.evict(self.budget)?;
            if let Some(reserved) = reservation {
                tables.reserve(reserved)?;
            }
            let totals = tables.finish()?;
            transaction.commit()?;
            Ok((totals, swept))
        })?;
        if totals.evicted > self.totals.evicted {
            self.evicted += totals.evicted - self.totals.evicted;
            if self.evictions.is_due() {
                let messages = std::mem::take(&mut self.evicted);
                let limit = self.shared.limit;
                tracing::warn!(
                    messages,
                    limit,
                    "the oldest stored messages had to make room before their time"
                );
            }
        }
        self.totals = totals;
        self.doubtful.clear();
        self.tell();
        if let Some(reserved) = reservation {
            self.ids.renewed(reserved);
        }
        Ok(swept)
    }

    /// Where the file has grown too large for what is kept in it, keeps a
    /// little less from now on, and gives the rest back.
    fn keep_small(&mut self) {
        let (times, of) = FILE_FACTOR;
        let most = self.shared.limit.saturating_mul(times) / of;
        let too_large = self
            .path
            .as_ref()
            .and_then(|path| path.metadata().ok())
            .is_some_and(|file| file.len() > most);
        if !too_large || self.broken {
            return;
        }
        self.budget = self.totals.bytes.min(self.budget) / 100 * 85;
        tracing::info!(
            budget = self.budget,
            "the store's file is made smaller, and less is kept in it"
        );
        let result = self.commit(&[], true).and_then(|_| {
            let mut database = self
                .shared
                .database
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let Some(database) = database.as_mut() else {
                return Ok(());
            };
            match database.compact() {
                Ok(_) => Ok(()),
                Err(error) => Err(EngineError::Store(error.to_string())),
            }
        });
        if let Err(error) = result {
            tracing::error!(%error, "the store's file could not be made smaller");
            self.broken = true;
        }
    }

    /// Ends in good order: a later process need not skip what this one had
    /// reserved.
    fn close(&mut self) {
        let reserved = self.ids.final_reservation();
        let written = self.shared.with(|database| {
            let transaction = database.begin_write()?;
            transaction
                .open_table(META)?
                .insert(META_RESERVED, reserved)?;
            Ok(transaction.commit()?)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "the store was not closed in good order");
        }
        let mut database = self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        drop(database.take());
    }

    /// Reads how much is stored.
    fn count(&mut self) -> Result<(), EngineError> {
        let (messages, bytes) = self.shared.with(Shared::totals)?;
        self.totals = Totals {
            messages,
            bytes,
            ..self.totals
        };
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        let Totals {
            messages,
            bytes,
            evicted,
        } = self.totals;
        self.shared.messages.store(messages, Ordering::Relaxed);
        self.shared.bytes.store(bytes, Ordering::Relaxed);
        self.shared.evicted.store(evicted, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
