//! The one thread that writes: takes all that waits, makes it durable in one
//! transaction, and tells everyone. [`outage`] is for when that fails, [`size`]
//! keeps the file small.

mod outage;
mod size;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::changes::{Swept, Tables, Totals};
use super::read::{spread, totals};
use super::room::Room;
use super::seldom::Seldom;
use super::tables::{META, META_RESERVED};
use super::{Change, Reopen, Request, Shared, Write};
use crate::engine::EngineError;
use crate::engine::embedded::Clock;
use crate::engine::embedded::ids::{Ids, millis};

/// How often the writer looks, without being asked, whether ids must be
/// reserved.
const RENEWAL: Duration = Duration::from_secs(1);

/// The writer's state.
pub(super) struct Writer {
    shared: Arc<Shared>,
    path: Option<PathBuf>,
    reopen: Reopen,
    requests: Receiver<Request>,
    ids: Arc<Ids>,
    clock: Clock,
    totals: Totals,
    room: Room,
    /// The medium failed; the library wants to be opened again.
    broken: bool,
    /// Changes of the last transaction, which failed, but may have reached the
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
    compactions: Seldom,
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
            room: Room::new(shared.limit, shared.with(spread)?),
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
            compactions: Seldom::default(),
            sweeping: Vec::new(),
        };
        writer.totals = writer.shared.with(totals)?;
        writer.tell();
        writer.look(0);
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
        let writes = self.admit(writes);
        let sweep = !self.sweeping.is_empty();
        let opened = match self.broken {
            true => guarded(|| self.open_again()),
            false => Ok(()),
        };
        let begun = opened.is_ok();
        let result = opened.and_then(|()| guarded(|| self.commit(&writes, sweep)));
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
            waiting.push(write.reply);
        }
        if result.is_err() {
            self.recover();
        }
        for reply in waiting {
            reply.tell(result.clone());
        }
        self.keep_small();
        !closing
    }

    /// Waits for something to do, and takes all that is there.
    fn collect(&mut self) -> (Vec<Write>, bool) {
        let first = if self.sweeping.is_empty() && !self.is_over_budget() {
            match self.requests.recv_timeout(RENEWAL) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Request::Close),
            }
        } else {
            None
        };
        let most = self.room.batch();
        let (mut writes, mut bytes) = (Vec::new(), 0);
        for request in first.into_iter().chain(self.requests.try_iter()) {
            match request {
                Request::Write(write) => {
                    bytes += write.bytes() as u64;
                    writes.push(write);
                }
                Request::Sweep(waiting) => self.sweeping.push(waiting),
                Request::Close => return (writes, true),
            }
            if bytes >= most {
                break;
            }
        }
        (writes, false)
    }

    /// Whether messages must be evicted, and can be.
    fn is_over_budget(&self) -> bool {
        let over = self.totals.all_bytes() > self.room.budget();
        over && self.totals.messages > 0 && !self.broken
    }

    /// Refuses the writes that leave messages too little room.
    fn admit(&self, writes: Vec<Write>) -> Vec<Write> {
        let mut lasting = self.totals.other_bytes;
        let mut admitted = Vec::with_capacity(writes.len());
        for write in writes {
            let more: u64 = write.changes.iter().map(Change::lasting_size).sum();
            if more > 0 && lasting + more > self.room.lasting() {
                write.reply.tell(Err(EngineError::Store(
                    "deduplication ids, used tokens and schedules have reached a quarter of the \
                     storage limit: raise it, or try again later"
                        .into(),
                )));
                continue;
            }
            lasting += more;
            admitted.push(write);
        }
        admitted
    }

    /// Makes writes durable, all of them or none.
    fn commit(&mut self, writes: &[Write], sweep: bool) -> Result<Swept, EngineError> {
        let reservation = self.ids.renewal((self.clock)());
        let nothing = writes.is_empty() && !sweep && !self.is_over_budget();
        if nothing && reservation.is_none() {
            return Ok(Swept::All);
        }
        let (totals, swept) = self.shared.with(|database| {
            let transaction = database.begin_write()?;
            let mut tables = Tables::open(&transaction, self.totals)?;
            for change in writes.iter().flat_map(|write| &write.changes) {
                tables.make(change)?;
            }
            let swept = match sweep {
                true => tables.sweep(millis((self.clock)()))?,
                false => Swept::All,
            };
            let evicted = tables.evict(self.room.budget(), self.shared.limit)?;
            if let Some(spread) = self.room.spread() {
                tables.note_spread(spread)?;
            }
            if let Some(reserved) = reservation {
                tables.reserve(reserved)?;
            }
            let totals = tables.finish()?;
            transaction.commit()?;
            Ok((totals, swept.and(evicted)))
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
        let before = std::mem::replace(&mut self.totals, totals);
        self.tell();
        self.look(before.all_bytes());
        if let Some(reserved) = reservation {
            self.ids.renewed(reserved);
        }
        Ok(swept)
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

    fn tell(&self) {
        let Totals {
            messages, evicted, ..
        } = self.totals;
        let bytes = self.totals.all_bytes();
        self.shared.messages.store(messages, Ordering::Relaxed);
        self.shared.bytes.store(bytes, Ordering::Relaxed);
        self.shared.evicted.store(evicted, Ordering::Relaxed);
    }
}

/// The library asserts what it believes of the file; where that does not hold,
/// the file is opened again and looked at.
fn guarded<T>(act: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        let reason = "the file's pages contradict each other";
        Err(EngineError::Store(reason.into()))
    })
}

#[cfg(test)]
mod tests;
