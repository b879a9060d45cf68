//! Questions to the store.

use std::ops::Bound;
use std::time::SystemTime;

use live_dashboard_protocol::name::{ChannelName, EventName};
use redb::{Database, ReadableDatabase, ReadableTable};
use serde_json::value::RawValue;
use ulid::Ulid;

use super::tables::{
    BY_EVENT, DUPLICATES, MESSAGES, META, META_BYTES, META_MESSAGES, META_RESERVED, SCHEDULES,
    USED, stored_from,
};
use super::{Change, ScheduleKey, Shared};
use crate::engine::embedded::ids::millis;
use crate::engine::{
    EngineError, HistoryQuery, MAX_PAGE_BYTES, MAX_PAGE_MESSAGES, Message, NewMessage,
};

/// What a message takes on the wire beside channel, event and data, in bytes.
const FRAME: usize = 80;

/// What earlier processes left to be remembered.
pub(crate) struct Remembered {
    /// They gave no id of this millisecond or a later one.
    pub(crate) reserved: u64,
    /// Until when, channel, deduplication id, and the message's id.
    pub(crate) duplicates: Vec<(u64, String, String, Ulid)>,
    /// Tokens whose single use was taken, and until when that matters.
    pub(crate) used: Vec<(u64, String)>,
}

impl Shared {
    /// Reads what must be known in memory.
    pub(super) fn remembered(&self) -> Result<Remembered, EngineError> {
        self.with(|database| {
            let transaction = database.begin_read()?;
            let reserved = transaction
                .open_table(META)?
                .get(META_RESERVED)?
                .map_or(0, |reserved| reserved.value());
            let mut duplicates = Vec::new();
            for entry in transaction.open_table(DUPLICATES)?.iter()? {
                let (key, id) = entry?;
                let (until, channel, deduplication_id) = key.value();
                let id = Ulid::from(id.value());
                duplicates.push((until, channel.to_owned(), deduplication_id.to_owned(), id));
            }
            let mut used = Vec::new();
            for entry in transaction.open_table(USED)?.iter()? {
                let (key, ()) = entry.map(|(key, _)| (key, ()))?;
                let (until, jti) = key.value();
                used.push((until, jti.to_owned()));
            }
            Ok(Remembered {
                reserved,
                duplicates,
                used,
            })
        })
    }

    /// How many messages there are, and their size.
    pub(super) fn totals(database: &Database) -> Result<(u64, u64), redb::Error> {
        let meta = database.begin_read()?.open_table(META)?;
        let number = |key| -> Result<u64, redb::Error> {
            Ok(meta.get(key)?.map_or(0, |number| number.value()))
        };
        Ok((number(META_MESSAGES)?, number(META_BYTES)?))
    }

    /// The stored messages that `query` asks for, as of `now`.
    pub(crate) fn history(
        &self,
        query: &HistoryQuery,
        now: SystemTime,
    ) -> Result<Vec<Message>, EngineError> {
        let now = millis(now);
        self.with(|database| {
            let transaction = database.begin_read()?;
            let messages = transaction.open_table(MESSAGES)?;
            let mut page = Page::new(query.limit);
            let channel = query.channel.as_str();
            let (from, to) = bounds(query);
            let mut take = |id: u128, value: (u64, &str, &str)| {
                let (expires, event, data) = value;
                if expires <= now {
                    return true;
                }
                page.take(id, &query.channel, event, data)
            };
            match &query.event {
                None => {
                    let keys = (
                        from.map(|id| (channel, id)),
                        to.map_or(Bound::Included((channel, u128::MAX)), |id| {
                            Bound::Excluded((channel, id))
                        }),
                    );
                    let mut range = messages.range::<(&str, u128)>(keys)?;
                    while let Some(entry) = next(&mut range, query.reverse) {
                        let (key, value) = entry?;
                        if !take(key.value().1, value.value()) {
                            break;
                        }
                    }
                }
                Some(event) => {
                    let event = event.as_str();
                    let by_event = transaction.open_table(BY_EVENT)?;
                    let keys = (
                        from.map(|id| (channel, event, id)),
                        to.map_or(Bound::Included((channel, event, u128::MAX)), |id| {
                            Bound::Excluded((channel, event, id))
                        }),
                    );
                    let mut range = by_event.range::<(&str, &str, u128)>(keys)?;
                    while let Some(entry) = next(&mut range, query.reverse) {
                        let id = entry?.0.value().2;
                        if let Some(value) = messages.get((channel, id))?
                            && !take(id, value.value())
                        {
                            break;
                        }
                    }
                }
            }
            Ok(page.messages)
        })
    }

    /// Schedules that are due at `now`, the earliest first, at most `limit`.
    pub(crate) fn due(
        &self,
        now: SystemTime,
        limit: usize,
    ) -> Result<Vec<(ScheduleKey, NewMessage)>, EngineError> {
        let last = (millis(now), u128::MAX);
        self.with(|database| {
            let schedules = database.begin_read()?.open_table(SCHEDULES)?;
            let mut due = Vec::new();
            for entry in schedules.range(..=last)?.take(limit) {
                let (key, value) = entry?;
                let (channel, event, data, deduplication_id, store) = value.value();
                let Some(message) = message_of(channel, event, data) else {
                    continue;
                };
                let (at, id) = key.value();
                due.push((
                    ScheduleKey { at, id: id.into() },
                    NewMessage {
                        channel: message.0,
                        event: message.1,
                        data: message.2,
                        deduplication_id: (!deduplication_id.is_empty())
                            .then(|| deduplication_id.to_owned()),
                        store: stored_from(store),
                    },
                ));
            }
            Ok(due)
        })
    }

    /// When the next schedule is due, in milliseconds.
    pub(crate) fn next_due(&self) -> Result<Option<u64>, EngineError> {
        self.with(|database| {
            let schedules = database.begin_read()?.open_table(SCHEDULES)?;
            Ok(schedules.first()?.map(|(key, _)| key.value().0))
        })
    }
}

/// Which of the changes the database holds.
pub(super) fn made(database: &Database, changes: &[Change]) -> Result<Vec<bool>, redb::Error> {
    let transaction = database.begin_read()?;
    let messages = transaction.open_table(MESSAGES)?;
    let duplicates = transaction.open_table(DUPLICATES)?;
    let used = transaction.open_table(USED)?;
    let schedules = transaction.open_table(SCHEDULES)?;
    let mut made = Vec::with_capacity(changes.len());
    for change in changes {
        let scheduled = |key: ScheduleKey| schedules.get((key.at, u128::from(key.id)));
        made.push(match change {
            Change::Insert { message, .. } => messages
                .get((message.channel.as_str(), u128::from(message.id)))?
                .is_some(),
            Change::Remember {
                channel,
                deduplication_id,
                until,
                ..
            } => duplicates
                .get((*until, channel.as_str(), deduplication_id.as_str()))?
                .is_some(),
            Change::Use { jti, until } => used.get((*until, jti.as_str()))?.is_some(),
            Change::Schedule { key, .. } => scheduled(*key)?.is_some(),
            Change::Unschedule { key, .. } => scheduled(*key)?.is_none(),
        });
    }
    Ok(made)
}

/// The ids that a query reaches: from the first on, and before the second.
fn bounds(query: &HistoryQuery) -> (Bound<u128>, Option<u128>) {
    let oldest = Bound::Included(u128::from(query.oldest));
    match (query.reverse, query.after, query.before) {
        (false, Some(after), _) if after >= query.oldest => (Bound::Excluded(after.into()), None),
        (true, _, Some(before)) => (oldest, Some(before.into())),
        _ => (oldest, None),
    }
}

/// The next entry from the end that is asked for.
fn next<I: DoubleEndedIterator>(range: &mut I, reverse: bool) -> Option<I::Item> {
    if reverse {
        range.next_back()
    } else {
        range.next()
    }
}

/// The parts of a message that were checked before they were stored; `None`
/// only where the file was changed by somebody else.
fn message_of(
    channel: &str,
    event: &str,
    data: &str,
) -> Option<(ChannelName, EventName, Box<RawValue>)> {
    Some((
        ChannelName::new(channel).ok()?,
        EventName::new(event).ok()?,
        RawValue::from_string(data.to_owned()).ok()?,
    ))
}

/// Messages until there are enough.
struct Page {
    limit: usize,
    bytes: usize,
    messages: Vec<Message>,
}

impl Page {
    fn new(limit: usize) -> Self {
        Self {
            limit: limit.min(MAX_PAGE_MESSAGES),
            bytes: 0,
            messages: Vec::new(),
        }
    }

    /// Takes a message; `false` where the page ends before it or with it.
    fn take(&mut self, id: u128, channel: &ChannelName, event: &str, data: &str) -> bool {
        self.bytes += FRAME + channel.as_str().len() + event.len() + data.len();
        let full = self.bytes > MAX_PAGE_BYTES && !self.messages.is_empty();
        if full || self.messages.len() >= self.limit {
            return false;
        }
        if let (Ok(event), Ok(data)) = (EventName::new(event), RawValue::from_string(data.into())) {
            self.messages.push(Message {
                id: id.into(),
                channel: channel.clone(),
                event,
                data,
            });
        }
        self.messages.len() < self.limit
    }
}
