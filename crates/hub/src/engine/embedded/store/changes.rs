//! Changes to what is stored, as SQL.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, ToSql, params};
use ulid::Ulid;

use crate::engine::embedded::ids::duration_millis;
use crate::engine::{DEDUPLICATION_WINDOW, NewMessage, Retention};

/// A token's use is remembered for this long beyond the token's end, in case the
/// clock goes back.
const USE_GRACE: Duration = Duration::from_secs(60 * 60);
/// How many rows of each table one [`Change::Expire`] deletes: other writes wait
/// meanwhile.
const EXPIRED_AT_ONCE: u32 = 1000;

/// A change to what is stored. Times are milliseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) enum Change {
    /// Stores a message that was published at `now`, and its deduplication id.
    Insert {
        id: Ulid,
        message: NewMessage,
        now: u64,
    },
    /// Uses a single-use token that ends at `until`. Affects no row if it was used
    /// before.
    Use { jti: String, until: u64 },
    /// Keeps a message to be published at `due`.
    Schedule {
        id: Ulid,
        due: u64,
        message: NewMessage,
    },
    /// Deletes a schedule.
    Unschedule { id: Ulid },
    /// Sets the records of a collection that have a value, and deletes the others.
    Records {
        collection: String,
        changes: BTreeMap<String, Option<String>>,
    },
    /// Deletes some of what has expired. Affects no row if nothing is left to
    /// delete.
    Expire { now: u64 },
}

/// Shortens what is left of each deduplication window to its length: a longer one was
/// noted when the clock was ahead.
pub(super) fn shorten(connection: &Connection, now: u64) -> rusqlite::Result<usize> {
    let longest = now + duration_millis(DEDUPLICATION_WINDOW);
    connection.execute(
        "UPDATE deduplication_ids SET expires = ?1 WHERE expires > ?1",
        [longest],
    )
}

impl Change {
    /// Returns the length of the payload, in bytes.
    pub(super) fn payload(&self) -> usize {
        match self {
            Self::Insert { message, .. } | Self::Schedule { message, .. } => {
                message.data.get().len()
            }
            Self::Records { changes, .. } => {
                let changes = changes.iter();
                let bytes = |(name, value): (&String, &Option<String>)| {
                    name.len() + value.as_ref().map_or(0, String::len)
                };
                changes.map(bytes).sum()
            }
            _ => 0,
        }
    }

    /// Makes the change and returns the number of rows affected.
    pub(super) fn apply(&self, connection: &Connection) -> rusqlite::Result<usize> {
        let execute = |sql: &str, parameters: &[&dyn ToSql]| {
            connection.prepare_cached(sql)?.execute(parameters)
        };
        match self {
            Self::Insert { id, message, now } => {
                let (id, channel) = (id.to_string(), message.channel.as_str());
                let (event, data) = (message.event.as_str(), message.data.get());
                let expires = match message.store {
                    Retention::Seconds(seconds) => Some(now + u64::from(seconds) * 1000),
                    Retention::No | Retention::Forever => None,
                };
                if let Some(deduplication_id) = &message.deduplication_id {
                    let until = now + duration_millis(DEDUPLICATION_WINDOW);
                    execute(
                        "INSERT INTO deduplication_ids VALUES (?1, ?2, ?3, ?4)",
                        params![channel, deduplication_id, id, until],
                    )?;
                }
                execute(
                    "INSERT INTO messages (id, channel, event, data, expires) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id, channel, event, data, expires],
                )
            }
            Self::Use { jti, until } => execute(
                "INSERT INTO used_tokens VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![jti, until + duration_millis(USE_GRACE)],
            ),
            Self::Schedule { id, due, message } => execute(
                "INSERT INTO schedules VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id.to_string(),
                    due,
                    message.channel.as_str(),
                    message.event.as_str(),
                    message.data.get(),
                    message.deduplication_id,
                    message.store.seconds(),
                ],
            ),
            Self::Unschedule { id } => execute(
                "DELETE FROM schedules WHERE id = ?1",
                params![id.to_string()],
            ),
            Self::Records {
                collection,
                changes,
            } => {
                let mut rows = 0;
                for (name, value) in changes {
                    rows += match value {
                        Some(value) => execute(
                            "INSERT INTO records VALUES (?1, ?2, ?3) \
                             ON CONFLICT DO UPDATE SET value = excluded.value",
                            params![collection, name, value],
                        ),
                        None => execute(
                            "DELETE FROM records WHERE collection = ?1 AND name = ?2",
                            params![collection, name],
                        ),
                    }?;
                }
                Ok(rows)
            }
            Self::Expire { now } => {
                let mut deleted = 0;
                for table in ["messages", "deduplication_ids", "used_tokens"] {
                    let sql = format!(
                        "DELETE FROM {table} WHERE rowid IN \
                         (SELECT rowid FROM {table} WHERE expires <= ?1 LIMIT {EXPIRED_AT_ONCE})"
                    );
                    deleted += execute(&sql, params![now])?;
                }
                Ok(deleted)
            }
        }
    }
}
