//! The state that all nodes of a hub share, behind one trait: order and ids,
//! deduplication, stored messages, single-use tokens, connections, subscriptions,
//! schedules, leases, and records.
//!
//! The engine is chosen once, when the hub starts. Every implementation passes the
//! contract suite in `tests/it/engine_contract`.

mod connections;
mod embedded;
mod redis;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use live_dashboard_protocol::name::{ChannelName, EventName};
use prometheus_client::metrics::histogram::Histogram;
use serde_json::value::RawValue;
use ulid::Ulid;

pub use embedded::{
    BackupError, DEFAULT_DEDUPLICATION_BYTES, DEFAULT_STORAGE_LIMIT, Embedded, OpenError,
    OpenErrorReason, Settings, back_up, restore,
};
use live_dashboard_protocol::limits::MAX_PAGE_BYTES;
pub use live_dashboard_protocol::publish::Retention;
pub use redis::{AddressError, MAX_STORED_PER_CHANNEL, Redis, RedisAddress};

/// For how long later messages with the same deduplication id are duplicates, whatever the
/// clock does meanwhile. Across a restart, by the clock.
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(5 * 60);

/// What a message takes on the wire in addition to channel, event and data, in bytes.
pub(crate) const FRAME: usize = 80;

/// The most messages that are read at once.
pub const MAX_READ_MESSAGES: usize = 1_000;

/// A message to be published.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The channel to publish to.
    pub channel: ChannelName,
    /// The kind of message.
    pub event: EventName,
    /// The payload, verbatim.
    pub data: Box<RawValue>,
    /// Drops the message if another one with this id was accepted on the channel
    /// within [`DEDUPLICATION_WINDOW`].
    pub deduplication_id: Option<String>,
    /// How long it is stored.
    pub store: Retention,
    /// Whether it is emitted at once and stored soon after, if that succeeds; otherwise it
    /// is emitted once it is stored.
    pub store_later: bool,
}

/// A message as every subscriber receives it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Greater than all earlier ids of the channel.
    pub id: Ulid,
    /// The channel that it was published to.
    pub channel: ChannelName,
    /// The kind of message.
    pub event: EventName,
    /// The payload, verbatim.
    pub data: Box<RawValue>,
}

/// The result of publishing a [`NewMessage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The message's id; for a duplicate, the id of the first one.
    pub id: Ulid,
    /// The message was dropped as a duplicate.
    pub duplicate: bool,
}

/// A query for stored messages of a channel.
#[derive(Debug, Clone)]
pub struct HistoryQuery {
    /// The channel.
    pub channel: ChannelName,
    /// Only messages after this id; ignored with `reverse`.
    pub after: Option<Ulid>,
    /// Only messages before this id; ignored without `reverse`.
    pub before: Option<Ulid>,
    /// Newest first, not oldest first.
    pub reverse: bool,
    /// The least id that may be listed, from the [`Subscription`].
    pub oldest: Ulid,
    /// Only this event.
    pub event: Option<EventName>,
    /// The most messages to return; capped at [`MAX_READ_MESSAGES`].
    pub limit: usize,
}

/// A subscription to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// The client's own name for the channel.
    pub alias: Option<String>,
    /// Whether [`Engine::subscriptions`] counts it.
    pub counted: bool,
    /// The time from which stored messages may be listed; the time of the
    /// subscription if `None`.
    pub history_start: Option<SystemTime>,
}

/// A recorded subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The channel's real name.
    pub channel: ChannelName,
    /// The client's own name for it.
    pub alias: Option<String>,
    /// Whether [`Engine::subscriptions`] counts it.
    pub counted: bool,
    /// The least id that may be listed.
    pub oldest: Ulid,
}

/// How much an engine's own store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Storage {
    /// The number of stored messages.
    pub messages: u64,
    /// The bytes in use: messages, schedules, deduplication ids, used tokens, records,
    /// and their indexes.
    pub bytes: u64,
    /// The most bytes in use. The oldest messages are evicted for newer ones; all else
    /// takes at most a quarter.
    pub limit: u64,
    /// The number of messages evicted before they expired, since the start.
    pub evicted: u64,
    /// The number of deduplication ids of unstored messages that were forgotten before
    /// their time, since the start.
    pub forgotten_ids: u64,
    /// Whether the last write failed.
    pub failing: bool,
}

/// A message that is kept to be published later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The schedule's name, which is opaque.
    pub name: String,
    /// When it is due.
    pub at: SystemTime,
    /// The channel that it will be published to.
    pub channel: ChannelName,
    /// The kind of message.
    pub event: EventName,
}

/// The result of [`Engine::run_due`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// The number of messages published, without duplicates.
    pub fired: u64,
    /// The number of messages that could not be published and are kept.
    pub failed: u64,
    /// When the next schedule is due that was not due yet.
    pub next: Option<SystemTime>,
}

/// The engine could not carry out a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine's store is full or failing.
    #[error("the engine's store failed: {0}")]
    Store(String),
    /// Too much waits for the store.
    #[error("{0}")]
    Busy(String),
    /// The engine is closed.
    #[error("the hub is stopping")]
    Closed,
    /// The engine's server cannot be reached. A request that it was sent before may have
    /// been carried out.
    #[error("the engine's server cannot be reached: {0}")]
    Unavailable(String),
    /// The engine's server did not answer in time. The request may have been carried out,
    /// or may be later.
    #[error("the engine's server did not answer in time")]
    TimedOut,
}

impl EngineError {
    /// Whether the request may have been carried out in spite of the error. After all
    /// others nothing has changed.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TimedOut)
    }
}

/// Receives what an engine emits, on one node. None of it may block.
pub trait Deliver: Send + Sync {
    /// Delivers `message` to the node's subscribers. Called in each channel's order,
    /// one message of a channel at a time.
    fn deliver(&self, message: &Message);

    /// At least one message of `channel` is missing between the last one that was delivered
    /// and the next, and the engine has no more of it to deliver.
    fn gap(&self, channel: &ChannelName);

    /// Another node has made a schedule: [`Engine::run_due`] may have an earlier one to
    /// publish than it said.
    fn wake(&self);
}

/// Order, ids and shared state. Each method says what it guarantees, and what of
/// that survives a restart.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Sets the node that the engine emits to. It does not receive messages published
    /// before. Ignored if a node is set already.
    fn attach(&self, node: Arc<dyn Deliver>);

    /// Whether the engine can do its work.
    ///
    /// # Errors
    /// It cannot, for this reason.
    async fn health(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Drops a message as a duplicate, or gives it an id greater than every earlier id
    /// of its channel and emits it to every node with a subscription to the channel. Ids do
    /// not go back across restarts, or when the clock does; with an engine that has the
    /// clock of its node, if that went back by more than an hour, a restart returns the ids
    /// of channels without later stored messages to it.
    ///
    /// Messages of one channel are emitted in the order of their ids, and every
    /// subscriber sees that order, on every node; where one is missing, the node is told
    /// ([`Deliver::gap`]). An engine for one node has emitted the message when this
    /// returns, others emit it soon. If it is stored, and not later, it survives a kill and a
    /// power cut, or what the engine's server survives. One that is unstored or stored later
    /// waits for the store only behind an earlier stored one of its channel. Of concurrent
    /// duplicates exactly one is emitted. Duplicates of stored messages are recognized after
    /// a restart.
    ///
    /// If the caller stops waiting, the message may or may not be published.
    ///
    /// # Errors
    /// Unless the error is uncertain, the message is neither emitted nor listed, now or
    /// later, and another one with its deduplication id is not a duplicate.
    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError>;

    /// Publishes messages in order, as [`Engine::publish`] does each. Returns a result for
    /// each. (An engine with a store of its own stores them together.)
    async fn publish_all(&self, messages: Vec<NewMessage>) -> Vec<Result<Published, EngineError>> {
        let mut results = Vec::with_capacity(messages.len());
        for message in messages {
            results.push(self.publish(message).await);
        }
        results
    }

    /// Returns stored messages, oldest first unless reversed: at most `query.limit`,
    /// and at most [`MAX_PAGE_BYTES`] together. Includes every stored message that has
    /// been emitted and has not expired; waits for those that are stored later. Survives
    /// a restart.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError>;

    /// Uses the single-use token `jti`, which ends at `until`. Of concurrent callers
    /// exactly one gets `true`. Survives a restart.
    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError>;

    /// Returns whether the single-use token `jti` has been used.
    async fn is_used(&self, jti: &str) -> Result<bool, EngineError>;

    /// Records a connection and its secret, before its first subscription.
    async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError>;

    /// Returns the secret of a connection, `None` if there is no such connection.
    async fn secret(&self, connection: &str) -> Result<Option<String>, EngineError>;

    /// Records that `connection` is subscribed to `channel`. Replaces an earlier
    /// record.
    ///
    /// Without a `history_start`, [`Subscription::oldest`] is greater than every id
    /// given so far, so that exactly the later messages may be listed.
    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
    ) -> Result<(), EngineError>;

    /// Returns a connection's subscription to a channel, if there is one: by the
    /// channel's real name, else by the client's own name for it.
    async fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Result<Option<Subscription>, EngineError>;

    /// Forgets a subscription, if there is one.
    async fn unsubscribe(&self, connection: &str, channel: &ChannelName)
    -> Result<(), EngineError>;

    /// Forgets a connection and its subscriptions. A restart of a node forgets all of
    /// its connections, and 30 s after a node has died the others have forgotten them too.
    async fn disconnect(&self, connection: &str) -> Result<(), EngineError>;

    /// Returns the number of counted subscriptions to `channel`, on all nodes.
    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError>;

    /// Keeps a message to be published at `at` by [`Engine::run_due`]. Returns the
    /// schedule's name, which is opaque. Survives a restart.
    async fn schedule(&self, at: SystemTime, message: NewMessage) -> Result<String, EngineError>;

    /// Returns the schedules that are due first, at most `limit`.
    async fn schedules(&self, limit: usize) -> Result<Vec<Schedule>, EngineError>;

    /// Deletes a schedule by its name. Returns `false` if there is none: it has been
    /// published, or deleted. After `true`, it is never published, by no node.
    async fn unschedule(&self, name: &str) -> Result<bool, EngineError>;

    /// Publishes the scheduled messages that are due, each once, whichever nodes call this,
    /// also across restarts. What a node that died was about to publish, another one does
    /// within a minute. One that fails is kept for the next call and does not stop those behind it, unless so
    /// many fail in a row that all would.
    /// (If the process ends at that moment, an unstored message may be lost, but is never
    /// published twice.)
    async fn run_due(&self) -> Result<Due, EngineError>;

    /// Takes or keeps the lease `name` for this node, until `ttl` from now. Returns whether
    /// this node has it: at most one of all nodes does.
    async fn lease(&self, _name: &str, _ttl: Duration) -> Result<bool, EngineError> {
        Ok(true)
    }

    /// Returns the records of a collection by name. Survives a restart.
    async fn records(&self, collection: &str) -> Result<BTreeMap<String, String>, EngineError>;

    /// Changes records of a collection together: those with a value are set, the others
    /// deleted. Returns `false` and changes nothing if this node does not have the lease of
    /// the collection's name ([`Engine::lease`]).
    async fn change_records(
        &self,
        collection: &str,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<bool, EngineError>;

    /// Tells the other nodes how this one is configured: digests by name, in place of those
    /// before. Returns the names whose digest differs from that of another node.
    async fn compare(
        &self,
        _digests: BTreeMap<String, String>,
    ) -> Result<BTreeSet<String>, EngineError> {
        Ok(BTreeSet::new())
    }

    /// Returns how much the engine's own store holds, `None` if it has no store.
    async fn storage(&self) -> Option<Storage>;

    /// The times of commits to the engine's own store, in seconds; `None` if it has none.
    fn commits(&self) -> Option<Histogram> {
        None
    }

    /// Frees the space of what has expired. The hub calls this every minute; an engine
    /// must be correct without it.
    async fn sweep(&self);

    /// Writes what is still queued and closes the store. Called last: whatever needs
    /// the store fails afterwards.
    async fn close(&self);
}
