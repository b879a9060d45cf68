//! How the store's content lies in its file.

use live_dashboard_protocol::publish::Store;
use redb::TableDefinition;

use crate::engine::NewMessage;

/// The format that this version writes.
pub(super) const FORMAT: u64 = 1;

/// Numbers about the file itself.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("live-dashboard");
/// [`META`]: the file's [`FORMAT`].
pub(super) const META_FORMAT: &str = "format";
/// [`META`]: no process gave an id of this millisecond or a later one.
pub(super) const META_RESERVED: &str = "reserved";
/// [`META`]: how many messages there are.
pub(super) const META_MESSAGES: &str = "messages";
/// [`META`]: their [`size`].
pub(super) const META_BYTES: &str = "bytes";
/// [`META`]: the size of all else: deduplication ids, used tokens, schedules.
/// Absent in files of hubs that did not count it.
pub(super) const META_OTHER_BYTES: &str = "other bytes";

/// [`META`]: how many bytes of the file a thousand stored ones take.
pub(super) const META_SPREAD: &str = "spread";

/// Channel and id → when it expires in milliseconds, event, data.
pub(super) const MESSAGES: TableDefinition<'_, (&str, u128), (u64, &str, &str)> =
    TableDefinition::new("messages");
/// Channel, event and id of each message.
pub(super) const BY_EVENT: TableDefinition<'_, (&str, &str, u128), ()> =
    TableDefinition::new("messages by event");
/// Id → channel, of each message: the oldest first, whatever its channel.
pub(super) const BY_AGE: TableDefinition<'_, u128, &str> = TableDefinition::new("messages by age");
/// When it expires and id → channel, of each message that ever does.
pub(super) const BY_EXPIRY: TableDefinition<'_, (u64, u128), &str> =
    TableDefinition::new("messages by expiry");
/// Until when in milliseconds, channel and deduplication id → the message's id.
pub(super) const DUPLICATES: TableDefinition<'_, (u64, &str, &str), u128> =
    TableDefinition::new("duplicates");
/// Until when in milliseconds and `jti` of each token whose single use was
/// taken.
pub(super) const USED: TableDefinition<'_, (u64, &str), ()> = TableDefinition::new("used tokens");
/// A message for later: channel, event, data, deduplication id (empty for
/// none), [`stored_as`].
pub(super) type Scheduled<'a> = (&'a str, &'a str, &'a str, &'a str, i64);
/// When in milliseconds and the schedule's id → the message.
pub(super) const SCHEDULES: TableDefinition<'_, (u64, u128), Scheduled<'static>> =
    TableDefinition::new("schedules");

/// A message that never expires does so at this time.
pub(super) const NEVER: u64 = u64::MAX;

/// What a message takes of the storage limit: its bytes in each of the four
/// tables, their ids and times, and the few bytes of each entry's place.
pub(super) fn size(channel: &str, event: &str, data: &str) -> u64 {
    (4 * channel.len() + 2 * event.len() + data.len() + 160) as u64
}

/// What a deduplication id takes of the storage limit.
pub(super) fn duplicate_size(channel: &str, deduplication_id: &str) -> u64 {
    (channel.len() + deduplication_id.len() + 48) as u64
}

/// What the use of a token takes of the storage limit.
pub(super) fn used_size(jti: &str) -> u64 {
    (jti.len() + 32) as u64
}

/// What a message for later takes of the storage limit.
pub(super) fn scheduled_size((channel, event, data, deduplication_id, _): Scheduled<'_>) -> u64 {
    (channel.len() + event.len() + data.len() + deduplication_id.len() + 80) as u64
}

/// A message for later as it is stored.
pub(super) fn scheduled(message: &NewMessage) -> Scheduled<'_> {
    (
        message.channel.as_str(),
        message.event.as_str(),
        message.data.get(),
        message.deduplication_id.as_deref().unwrap_or_default(),
        stored_as(message.store),
    )
}

/// A schedule's `store` as a number, as the protocol has it.
fn stored_as(store: Store) -> i64 {
    match store {
        Store::No => 0,
        Store::Seconds(seconds) => i64::from(seconds),
        Store::Forever => -1,
    }
}

/// The opposite of [`stored_as`].
pub(super) fn stored_from(number: i64) -> Store {
    match (number, u32::try_from(number)) {
        (0, _) => Store::No,
        (_, Ok(seconds)) => Store::Seconds(seconds),
        (_, Err(_)) => Store::Forever,
    }
}
