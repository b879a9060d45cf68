//! The one thread that writes: takes all that waits, makes it durable in one
//! transaction, and tells everyone.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use redb::{ReadableTable, WriteTransaction};
use tokio::sync::oneshot;

use super::tables::{
    BY_AGE, BY_EVENT, BY_EXPIRY, DUPLICATES, MESSAGES, META, META_BYTES, META_MESSAGES,
    META_RESERVED, NEVER, SCHEDULES, USED, size, stored_as,
};
use super::{Change, Reopen, Request, ScheduleKey, Shared, USE_GRACE, Write};
use crate::engine::embedded::Clock;
use crate::engine::embedded::ids::{Ids, millis};
use crate::engine::{EngineError, NewMessage};

/// The most writes that share a transaction.
const BATCH: usize = 4096;
/// How often the writer looks, without being asked, whether ids must be
/// reserved.
const RENEWAL: Duration = Duration::from_secs(1);
/// How many messages, deduplication ids and tokens one transaction removes
/// because their time is over: others wait meanwhile.
const SLICE: usize = 1000;
/// The file may be larger than what is kept in it by this much: 3 halves.
const FILE_FACTOR: (u64, u64) = (3, 2);

/// How much is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Totals {
    messages: u64,
    bytes: u64,
    evicted: u64,
}

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
    /// Changes that failed, and of which the medium may hold a part.
    doubtful: Vec<Change>,
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
            sweeping: Vec::new(),
        };
        writer.count()?;
        // Ids are reserved before the first one is given.
        writer.commit(&[], false)?;
        Ok(writer)
    }

    /// Writes until it is told to close.
    pub(super) fn run(&mut self) {
        loop {
            let (writes, closing) = self.collect();
            let sweep = !self.sweeping.is_empty();
            let result = self.commit(&writes, sweep);
            if !matches!(result, Ok(Swept::More)) {
                for waiting in self.sweeping.drain(..) {
                    // Who asked may have gone.
                    let _ = waiting.send(());
                }
            }
            let result = result.map(|_| ());
            if let Err(error) = &result {
                tracing::error!(%error, lost = writes.len(), "the store could not be written");
                self.broken = true;
            }
            for write in writes {
                if result.is_err() {
                    self.doubtful.extend(write.changes);
                }
                (write.done)(result.clone());
            }
            self.keep_small();
            if closing {
                return self.close();
            }
        }
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
        if writes.is_empty() && !sweep && reservation.is_none() && !self.broken {
            return Ok(Swept::All);
        }
        if self.broken {
            self.open_again()?;
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
                tables.meta.insert(META_RESERVED, reserved)?;
            }
            let totals = tables.finish()?;
            transaction.commit()?;
            Ok((totals, swept))
        })?;
        if totals.evicted > self.totals.evicted {
            tracing::debug!(
                messages = totals.evicted - self.totals.evicted,
                "the oldest messages had to make room"
            );
        }
        self.totals = totals;
        self.doubtful.clear();
        self.tell();
        if let Some(reserved) = reservation {
            self.ids.renewed(reserved);
        }
        Ok(swept)
    }

    /// Opens the database again, as the library wants it after its medium
    /// failed.
    fn open_again(&mut self) -> Result<(), EngineError> {
        let shared = Arc::clone(&self.shared);
        {
            let mut database = shared
                .database
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            // The old one must have let go of the file.
            drop(database.take());
            *database = Some((self.reopen)().map_err(EngineError::Store)?);
        }
        self.count()?;
        self.broken = false;
        tracing::info!("the store was opened again");
        Ok(())
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

/// Whether a sweep has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swept {
    All,
    More,
}

/// The tables within a transaction.
struct Tables<'t> {
    meta: redb::Table<'t, &'static str, u64>,
    messages: redb::Table<'t, (&'static str, u128), (u64, &'static str, &'static str)>,
    by_event: redb::Table<'t, (&'static str, &'static str, u128), ()>,
    by_age: redb::Table<'t, u128, &'static str>,
    by_expiry: redb::Table<'t, (u64, u128), &'static str>,
    duplicates: redb::Table<'t, (u64, &'static str, &'static str), u128>,
    used: redb::Table<'t, (u64, &'static str), ()>,
    schedules:
        redb::Table<'t, (u64, u128), (&'static str, &'static str, &'static str, &'static str, i64)>,
    totals: Totals,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction, totals: Totals) -> Result<Self, redb::Error> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            messages: transaction.open_table(MESSAGES)?,
            by_event: transaction.open_table(BY_EVENT)?,
            by_age: transaction.open_table(BY_AGE)?,
            by_expiry: transaction.open_table(BY_EXPIRY)?,
            duplicates: transaction.open_table(DUPLICATES)?,
            used: transaction.open_table(USED)?,
            schedules: transaction.open_table(SCHEDULES)?,
            totals,
        })
    }

    fn make(&mut self, change: &Change) -> Result<(), redb::Error> {
        match change {
            Change::Insert { message, expires } => {
                let id = u128::from(message.id);
                let (channel, event) = (message.channel.as_str(), message.event.as_str());
                let data = message.data.get();
                self.messages
                    .insert((channel, id), (*expires, event, data))?;
                self.by_event.insert((channel, event, id), ())?;
                self.by_age.insert(id, channel)?;
                if *expires != NEVER {
                    self.by_expiry.insert((*expires, id), channel)?;
                }
                self.totals.messages += 1;
                self.totals.bytes += size(channel, event, data);
            }
            Change::Remember {
                channel,
                deduplication_id,
                id,
                until,
            } => {
                let key = (*until, channel.as_str(), deduplication_id.as_str());
                self.duplicates.insert(key, u128::from(*id))?;
            }
            Change::Use { jti, until } => {
                self.used.insert((*until, jti.as_str()), ())?;
            }
            Change::Schedule { key, message } => self.schedule(*key, message)?,
            Change::Unschedule { key, .. } => {
                self.schedules.remove((key.at, u128::from(key.id)))?;
            }
        }
        Ok(())
    }

    /// Takes back a change whose commit failed, but may have reached the
    /// medium.
    fn undo(&mut self, change: &Change) -> Result<(), redb::Error> {
        match change {
            Change::Insert { message, .. } => {
                self.remove(message.channel.as_str(), u128::from(message.id))?;
            }
            Change::Remember {
                channel,
                deduplication_id,
                until,
                ..
            } => {
                let key = (*until, channel.as_str(), deduplication_id.as_str());
                self.duplicates.remove(key)?;
            }
            Change::Use { jti, until } => {
                self.used.remove((*until, jti.as_str()))?;
            }
            Change::Schedule { key, .. } => {
                self.schedules.remove((key.at, u128::from(key.id)))?;
            }
            Change::Unschedule { key, message } => self.schedule(*key, message)?,
        }
        Ok(())
    }

    fn schedule(&mut self, key: ScheduleKey, message: &NewMessage) -> Result<(), redb::Error> {
        self.schedules.insert(
            (key.at, u128::from(key.id)),
            (
                message.channel.as_str(),
                message.event.as_str(),
                message.data.get(),
                message.deduplication_id.as_deref().unwrap_or_default(),
                stored_as(message.store),
            ),
        )?;
        Ok(())
    }

    /// Removes a message from all tables, if it is there.
    fn remove(&mut self, channel: &str, id: u128) -> Result<(), redb::Error> {
        let Some(removed) = self.messages.remove((channel, id))? else {
            return Ok(());
        };
        let (expires, event, data) = removed.value();
        self.by_event.remove((channel, event, id))?;
        self.by_age.remove(id)?;
        if expires != NEVER {
            self.by_expiry.remove((expires, id))?;
        }
        self.totals.messages = self.totals.messages.saturating_sub(1);
        let size = size(channel, event, data);
        self.totals.bytes = self.totals.bytes.saturating_sub(size);
        Ok(())
    }

    /// Removes a slice of what is past its time.
    fn sweep(&mut self, now: u64) -> Result<Swept, redb::Error> {
        let mut expired = Vec::new();
        for entry in self.by_expiry.range(..=(now, u128::MAX))?.take(SLICE) {
            let (key, channel) = entry?;
            expired.push((channel.value().to_owned(), key.value().1));
        }
        for (channel, id) in &expired {
            self.remove(channel, *id)?;
        }
        let grace = u64::try_from(USE_GRACE.as_millis()).unwrap_or(u64::MAX);
        let duplicates = pop_before(&mut self.duplicates, (now + 1, "", ""))?;
        let used = pop_before(&mut self.used, (now.saturating_sub(grace), ""))?;
        let full = [expired.len(), duplicates, used].contains(&SLICE);
        Ok(if full { Swept::More } else { Swept::All })
    }

    /// Removes the oldest messages until what is left fits the budget.
    fn evict(&mut self, budget: u64) -> Result<(), redb::Error> {
        while self.totals.bytes > budget {
            let Some((id, channel)) = self
                .by_age
                .first()?
                .map(|(id, channel)| (id.value(), channel.value().to_owned()))
            else {
                break;
            };
            self.remove(&channel, id)?;
            self.totals.evicted += 1;
        }
        Ok(())
    }

    /// Writes the totals.
    fn finish(mut self) -> Result<Totals, redb::Error> {
        self.meta.insert(META_MESSAGES, self.totals.messages)?;
        self.meta.insert(META_BYTES, self.totals.bytes)?;
        Ok(self.totals)
    }
}

/// Removes a slice of the entries below a key; gives how many.
fn pop_before<K: redb::Key + 'static, V: redb::Value + 'static>(
    table: &mut redb::Table<'_, K, V>,
    end: K::SelfType<'_>,
) -> Result<usize, redb::Error> {
    let mut removed = 0;
    let mut entries = table.extract_from_if(..end, |_, _| true)?;
    while removed < SLICE
        && let Some(entry) = entries.next()
    {
        entry?;
        removed += 1;
    }
    Ok(removed)
}
