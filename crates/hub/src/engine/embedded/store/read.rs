//! Queries.

use std::collections::BTreeMap;
use std::time::Duration;

use live_dashboard_protocol::name::{ChannelName, EventName};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::value::RawValue;
use ulid::Ulid;

use crate::engine::embedded::deduplicator::Key;
use crate::engine::embedded::{SCHEDULE, time};
use crate::engine::{
    FRAME, HistoryQuery, MAX_PAGE_BYTES, MAX_READ_MESSAGES, Message, NewMessage, Retention,
    Schedule,
};

/// Sorts after every ULID.
const LAST: &str = "8";

/// A deduplication id, the message that was accepted with it, and for how long others are
/// duplicates.
pub(crate) type Remembered = (Key, Ulid, Duration);

/// Returns the time from which on no process has given an id, in milliseconds
/// since the Unix epoch.
pub(super) fn reserved(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT reserved FROM state", [], |row| row.get(0))
}

/// Returns the greatest id of each channel that has stored messages after `id`.
pub(super) fn newest_after(
    connection: &Connection,
    id: Ulid,
) -> rusqlite::Result<Vec<(ChannelName, Ulid)>> {
    connection
        .prepare("SELECT channel, max(id) FROM messages WHERE id > ?1 GROUP BY channel")?
        .query_map([id.to_string()], |row| {
            let channel = parsed(row, 0, |text| ChannelName::new(&text).ok())?;
            Ok((channel, parsed(row, 1, |text| text.parse().ok())?))
        })?
        .collect()
}

/// Returns the deduplication ids of stored messages, the first to expire first, at `now`
/// in milliseconds since the Unix epoch.
pub(super) fn remembered(connection: &Connection, now: u64) -> rusqlite::Result<Vec<Remembered>> {
    connection
        .prepare(
            "SELECT channel, deduplication_id, id, expires FROM deduplication_ids ORDER BY expires",
        )?
        .query_map([], |row| {
            let channel = parsed(row, 0, |text| ChannelName::new(&text).ok())?;
            let id = parsed(row, 2, |text| text.parse().ok())?;
            let left = row.get::<_, u64>(3)?.saturating_sub(now);
            Ok(((channel, row.get(1)?), id, Duration::from_millis(left)))
        })?
        .collect()
}

/// Returns the stored messages that `query` asks for and that have not expired by
/// `now`, in milliseconds since the Unix epoch.
pub(crate) fn history(
    connection: &Connection,
    query: &HistoryQuery,
    now: u64,
) -> rusqlite::Result<Vec<Message>> {
    let (mut first, mut end, mut order) = (query.oldest, LAST.to_owned(), "ASC");
    if query.reverse {
        end = query.before.map_or(end, |before| before.to_string());
        order = "DESC";
    } else if let Some(after) = query.after {
        first = first.max(Ulid::from(u128::from(after).saturating_add(1)));
    }
    let event = query.event.as_ref().map(EventName::as_str);
    let of_event = event.map_or("?5 IS NULL", |_| "event = ?5");
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, event, data FROM messages WHERE channel = ?1 AND id >= ?2 AND id < ?3 \
         AND (expires IS NULL OR expires > ?4) AND {of_event} ORDER BY id {order} LIMIT ?6"
    ))?;
    let (channel, limit) = (query.channel.as_str(), query.limit.min(MAX_READ_MESSAGES));
    let mut rows = statement.query(params![channel, first.to_string(), end, now, event, limit])?;
    let (mut messages, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let message = Message {
            id: parsed(row, 0, |text| text.parse().ok())?,
            channel: query.channel.clone(),
            event: parsed(row, 1, |text| EventName::new(&text).ok())?,
            data: parsed(row, 2, |text| RawValue::from_string(text).ok())?,
        };
        bytes += FRAME + channel.len() + message.event.as_str().len() + message.data.get().len();
        if bytes > MAX_PAGE_BYTES && !messages.is_empty() {
            break;
        }
        messages.push(message);
    }
    Ok(messages)
}

/// Returns whether a single-use token has been used.
pub(crate) fn is_used(connection: &Connection, jti: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM used_tokens WHERE jti = ?1")?
        .exists([jti])
}

/// When a schedule is due, in milliseconds since the Unix epoch, and its id: their order.
pub(crate) type Place = (u64, Ulid);

/// Returns up to `limit` schedules that are due at `now`, in milliseconds since
/// the Unix epoch, the earliest first, from the one after `after` on.
pub(crate) fn due(
    connection: &Connection,
    now: u64,
    after: Place,
    limit: usize,
) -> rusqlite::Result<Vec<(Place, NewMessage)>> {
    let (due, id) = after;
    connection
        .prepare_cached(
            "SELECT id, channel, event, data, deduplication_id, store, due FROM schedules \
             WHERE due <= ?1 AND (due, id) > (?2, ?3) ORDER BY due, id LIMIT ?4",
        )?
        .query_map(params![now, due, id.to_string(), limit], |row| {
            let message = NewMessage {
                channel: parsed(row, 1, |text| ChannelName::new(&text).ok())?,
                event: parsed(row, 2, |text| EventName::new(&text).ok())?,
                data: parsed(row, 3, |text| RawValue::from_string(text).ok())?,
                deduplication_id: row.get(4)?,
                store: Retention::from_seconds(row.get(5)?).unwrap_or(Retention::Forever),
                store_later: false,
            };
            let id = parsed(row, 0, |text| text.parse().ok())?;
            Ok(((row.get(6)?, id), message))
        })?
        .collect()
}

/// Returns up to `limit` schedules, the earliest first.
pub(crate) fn schedules(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Schedule>> {
    connection
        .prepare_cached("SELECT id, due, channel, event FROM schedules ORDER BY due, id LIMIT ?1")?
        .query_map([limit], |row| {
            let id: Ulid = parsed(row, 0, |text| text.parse().ok())?;
            Ok(Schedule {
                name: format!("{SCHEDULE}{id}"),
                at: time(row.get(1)?),
                channel: parsed(row, 2, |text| ChannelName::new(&text).ok())?,
                event: parsed(row, 3, |text| EventName::new(&text).ok())?,
            })
        })?
        .collect()
}

/// Returns when the first schedule is due after `now`, both in milliseconds since the
/// Unix epoch.
pub(crate) fn next_due(connection: &Connection, now: u64) -> rusqlite::Result<Option<u64>> {
    connection
        .prepare_cached("SELECT due FROM schedules WHERE due > ?1 ORDER BY due LIMIT 1")?
        .query_row([now], |row| row.get(0))
        .optional()
}

/// Returns the records of a collection by name.
pub(crate) fn records(
    connection: &Connection,
    collection: &str,
) -> rusqlite::Result<BTreeMap<String, String>> {
    connection
        .prepare_cached("SELECT name, value FROM records WHERE collection = ?1")?
        .query_map([collection], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Parses a text that was valid when it was stored. Fails only if another program has
/// changed the file.
fn parsed<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(String) -> Option<T>,
) -> rusqlite::Result<T> {
    let name = || row.as_ref().column_name(column).map(str::to_owned);
    match parse(row.get(column)?) {
        Some(value) => Ok(value),
        None => Err(rusqlite::Error::InvalidColumnType(
            column,
            name()?,
            Type::Text,
        )),
    }
}
