//! What a transaction of the writer does to the tables.

use redb::{ReadableTable, WriteTransaction};

use super::tables::{
    BY_AGE, BY_EVENT, BY_EXPIRY, DUPLICATES, MESSAGES, META, META_BYTES, META_MESSAGES,
    META_OTHER_BYTES, META_RESERVED, META_SPREAD, NEVER, SCHEDULES, Scheduled, USED,
    duplicate_size, scheduled, scheduled_size, size, used_size,
};
use super::{Change, ScheduleKey, USE_GRACE};
use crate::engine::NewMessage;

/// How many messages, deduplication ids and tokens one transaction removes
/// because their time is over: others wait meanwhile.
const SLICE: usize = 1000;
/// How many messages one transaction evicts, if the limit does not demand more.
const EVICTED: u64 = 10_000;

/// How much is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) messages: u64,
    /// Of the messages.
    pub(super) bytes: u64,
    /// Of what stays until its time: deduplication ids, used tokens, schedules.
    pub(super) other_bytes: u64,
    /// That had to go before their time, since the start.
    pub(super) evicted: u64,
}

impl Totals {
    /// What counts against the storage limit.
    pub(super) fn all_bytes(self) -> u64 {
        self.bytes + self.other_bytes
    }

    fn forget_other(&mut self, bytes: u64) {
        self.other_bytes = self.other_bytes.saturating_sub(bytes);
    }
}

/// Whether all was removed that should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swept {
    All,
    More,
}

impl Swept {
    pub(super) fn and(self, other: Self) -> Self {
        if self == Self::All { other } else { self }
    }
}

/// The tables within a transaction.
pub(super) struct Tables<'t> {
    meta: redb::Table<'t, &'static str, u64>,
    messages: redb::Table<'t, (&'static str, u128), (u64, &'static str, &'static str)>,
    by_event: redb::Table<'t, (&'static str, &'static str, u128), ()>,
    by_age: redb::Table<'t, u128, &'static str>,
    by_expiry: redb::Table<'t, (u64, u128), &'static str>,
    duplicates: redb::Table<'t, (u64, &'static str, &'static str), u128>,
    used: redb::Table<'t, (u64, &'static str), ()>,
    schedules: redb::Table<'t, (u64, u128), Scheduled<'static>>,
    totals: Totals,
}

impl<'t> Tables<'t> {
    pub(super) fn open(
        transaction: &'t WriteTransaction,
        totals: Totals,
    ) -> Result<Self, redb::Error> {
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

    pub(super) fn make(&mut self, change: &Change) -> Result<(), redb::Error> {
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
                if self.duplicates.insert(key, u128::from(*id))?.is_none() {
                    self.totals.other_bytes += duplicate_size(channel, deduplication_id);
                }
            }
            Change::Use { jti, until } => {
                if self.used.insert((*until, jti.as_str()), ())?.is_none() {
                    self.totals.other_bytes += used_size(jti);
                }
            }
            Change::Schedule { key, message } => self.schedule(*key, message)?,
            Change::Unschedule { key, .. } => self.unschedule(*key)?,
        }
        Ok(())
    }

    /// Takes back a change whose commit failed, but may have reached the
    /// medium.
    pub(super) fn undo(&mut self, change: &Change) -> Result<(), redb::Error> {
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
                if self.duplicates.remove(key)?.is_some() {
                    self.totals
                        .forget_other(duplicate_size(channel, deduplication_id));
                }
            }
            Change::Use { jti, until } => {
                if self.used.remove((*until, jti.as_str()))?.is_some() {
                    self.totals.forget_other(used_size(jti));
                }
            }
            Change::Schedule { key, .. } => self.unschedule(*key)?,
            Change::Unschedule { key, message } => self.schedule(*key, message)?,
        }
        Ok(())
    }

    fn schedule(&mut self, key: ScheduleKey, message: &NewMessage) -> Result<(), redb::Error> {
        let value = scheduled(message);
        let place = (key.at, u128::from(key.id));
        if self.schedules.insert(place, value)?.is_none() {
            self.totals.other_bytes += scheduled_size(value);
        }
        Ok(())
    }

    fn unschedule(&mut self, key: ScheduleKey) -> Result<(), redb::Error> {
        if let Some(removed) = self.schedules.remove((key.at, u128::from(key.id)))? {
            self.totals.forget_other(scheduled_size(removed.value()));
        }
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
    pub(super) fn sweep(&mut self, now: u64) -> Result<Swept, redb::Error> {
        let mut expired = Vec::new();
        for entry in self.by_expiry.range(..=(now, u128::MAX))?.take(SLICE) {
            let (key, channel) = entry?;
            expired.push((channel.value().to_owned(), key.value().1));
        }
        for (channel, id) in &expired {
            self.remove(channel, *id)?;
        }
        let grace = u64::try_from(USE_GRACE.as_millis()).unwrap_or(u64::MAX);
        let (duplicates, duplicate_bytes) = pop_before(
            &mut self.duplicates,
            (now + 1, "", ""),
            |(_, channel, deduplication_id)| duplicate_size(channel, deduplication_id),
        )?;
        let (used, used_bytes) = pop_before(
            &mut self.used,
            (now.saturating_sub(grace), ""),
            |(_, jti)| used_size(jti),
        )?;
        self.totals.forget_other(duplicate_bytes + used_bytes);
        let full = [expired.len(), duplicates, used].contains(&SLICE);
        Ok(if full { Swept::More } else { Swept::All })
    }

    /// Removes a slice of the oldest messages, unless what is left fits the
    /// budget before; more, where it would not fit the limit.
    pub(super) fn evict(&mut self, budget: u64, limit: u64) -> Result<Swept, redb::Error> {
        let before = self.totals.evicted;
        while self.totals.all_bytes() > budget {
            let slice = self.totals.evicted - before >= EVICTED;
            if slice && self.totals.all_bytes() <= limit {
                return Ok(Swept::More);
            }
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
        Ok(Swept::All)
    }

    /// How many bytes of the file a thousand stored ones take.
    pub(super) fn note_spread(&mut self, spread: u64) -> Result<(), redb::Error> {
        self.meta.insert(META_SPREAD, spread)?;
        Ok(())
    }

    /// Ids before this millisecond are reserved.
    pub(super) fn reserve(&mut self, millis: u64) -> Result<(), redb::Error> {
        self.meta.insert(META_RESERVED, millis)?;
        Ok(())
    }

    /// Writes the totals.
    pub(super) fn finish(mut self) -> Result<Totals, redb::Error> {
        self.meta.insert(META_MESSAGES, self.totals.messages)?;
        self.meta.insert(META_BYTES, self.totals.bytes)?;
        self.meta
            .insert(META_OTHER_BYTES, self.totals.other_bytes)?;
        Ok(self.totals)
    }
}

/// Removes a slice of the entries below a key; gives how many, and their size
/// together.
fn pop_before<K: redb::Key + 'static, V: redb::Value + 'static>(
    table: &mut redb::Table<'_, K, V>,
    end: K::SelfType<'_>,
    size: impl Fn(K::SelfType<'_>) -> u64,
) -> Result<(usize, u64), redb::Error> {
    let (mut removed, mut bytes) = (0, 0);
    let mut entries = table.extract_from_if(..end, |_, _| true)?;
    while removed < SLICE
        && let Some(entry) = entries.next()
    {
        bytes += size(entry?.0.value());
        removed += 1;
    }
    Ok((removed, bytes))
}
