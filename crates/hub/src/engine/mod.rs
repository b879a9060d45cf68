//! What must hold across nodes, behind one trait: order and ids, duplicates,
//! stored messages, single use of tokens, who is connected and subscribed to
//! what, and what is to be published later.
//!
//! An engine is chosen once, when the hub starts. Every implementation passes
//! the contract suite in `tests/it/engine_contract`.

mod embedded;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;
use ulid::Ulid;

pub use embedded::{Embedded, OpenError, OpenErrorReason, Settings};
pub use live_dashboard_protocol::publish::Store as Retention;

/// How long a deduplication id keeps later messages with it away.
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(5 * 60);
/// The most messages that [`Engine::history`] gives at once.
pub const MAX_PAGE_MESSAGES: usize = 100;
/// The most bytes of encoded messages that it gives at once, unless the first
/// message alone has more.
pub const MAX_PAGE_BYTES: usize = 1_000_000;

/// A message that asks to be published.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Where to.
    pub channel: ChannelName,
    /// What kind of message it is.
    pub event: EventName,
    /// The payload, verbatim.
    pub data: Box<RawValue>,
    /// Drops the message when another with this id was accepted on the channel
    /// within [`DEDUPLICATION_WINDOW`].
    pub deduplication_id: Option<String>,
    /// How long it is kept for those who come later.
    pub store: Retention,
}

/// A message as every subscriber gets it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Grows within a channel.
    pub id: Ulid,
    /// Where it was published.
    pub channel: ChannelName,
    /// What kind of message it is.
    pub event: EventName,
    /// The payload, verbatim.
    pub data: Box<RawValue>,
}

/// What became of a [`NewMessage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The message's id; for a duplicate, that of the first one.
    pub id: Ulid,
    /// The message was dropped as a duplicate.
    pub duplicate: bool,
}

/// Which stored messages of a channel are asked for.
#[derive(Debug, Clone)]
pub struct HistoryQuery {
    /// The channel.
    pub channel: ChannelName,
    /// Only messages after this id; without effect with `reverse`.
    pub after: Option<Ulid>,
    /// Only messages before this id; without effect without `reverse`.
    pub before: Option<Ulid>,
    /// Newest first rather than oldest first.
    pub reverse: bool,
    /// The least id that may be listed, from the [`Subscription`].
    pub oldest: Ulid,
    /// Only this event.
    pub event: Option<EventName>,
    /// At most so many, and never more than [`MAX_PAGE_MESSAGES`].
    pub limit: usize,
}

/// What is to be recorded of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// The client's own name for the channel.
    pub alias: Option<String>,
    /// Whether it shows in [`Engine::subscriptions`].
    pub counted: bool,
    /// From when on its stored messages may be listed; from the moment of the
    /// subscription on when `None`.
    pub history_start: Option<SystemTime>,
}

/// A recorded subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The channel's real name.
    pub channel: ChannelName,
    /// The client's own name for it.
    pub alias: Option<String>,
    /// Whether it shows in [`Engine::subscriptions`].
    pub counted: bool,
    /// The least id that may be listed under it.
    pub oldest: Ulid,
}

/// What an engine's own store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Storage {
    /// Stored messages.
    pub messages: u64,
    /// Their bytes and those of schedules, deduplication ids and used tokens,
    /// with what is needed to find them.
    pub bytes: u64,
    /// The most bytes that it keeps. Of that, what is not a message takes a
    /// quarter at most; the oldest messages make room for newer ones.
    pub limit: u64,
    /// Messages that had to go before their time since the start.
    pub evicted: u64,
}

/// What came of [`Engine::run_due`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// How many messages were published, duplicates not counted.
    pub fired: u64,
    /// When the next one is due.
    pub next: Option<SystemTime>,
}

/// The engine could not do what it was asked. Nothing of it happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The store behind the engine is full or failing.
    #[error("the engine's store failed: {0}")]
    Store(String),
}

/// Takes the messages that an engine emits, on one node.
pub trait Deliver: Send + Sync {
    /// Hands `message` to the node's own subscribers. Called in each channel's
    /// order, one message of a channel at a time. Must neither block nor fail.
    fn deliver(&self, message: &Message);
}

/// Order, ids and shared state. See each method for what holds; where a
/// guarantee outlives a restart, the method says so.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Connects the node that the engine emits to. Messages published before
    /// are not emitted to it. A second node in the same process is not
    /// supported: the first one stays.
    fn attach(&self, node: Arc<dyn Deliver>);

    /// Accepts a message: drops it as a duplicate, or gives it an id greater
    /// than every earlier id of its channel, even where the clock went back
    /// and across restarts, and emits it to every node.
    ///
    /// Messages of one channel are emitted in the order of their ids, and every
    /// subscriber sees that order. When this returns, the message has been
    /// emitted on this node, and one with a `store` survives any end of the
    /// process. An unstored message waits for the store only behind an earlier
    /// stored one of its channel. Of many duplicates at once, exactly one is
    /// emitted; across a restart duplicates of stored messages are known.
    ///
    /// A caller that stops waiting leaves the message to its fate.
    ///
    /// # Errors
    /// The message is neither emitted nor listed, now or later, and another
    /// one with its deduplication id is no duplicate.
    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError>;

    /// Stored messages, oldest first unless reversed: at most as many as asked
    /// for, and of [`MAX_PAGE_BYTES`] together. What has been emitted and is
    /// stored is listed; what has expired is not. Survives a restart.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError>;

    /// Takes the single use of the token `jti`, which is of no use after
    /// `until`. Of many callers at once, exactly one gets `true`. Survives a
    /// restart.
    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError>;

    /// Whether the single use of the token `jti` has been taken.
    async fn is_used(&self, jti: &str) -> Result<bool, EngineError>;

    /// Records a connection and its secret, before its first subscription.
    async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError>;

    /// The secret of a connection; `None` where it never was or has ended.
    async fn secret(&self, connection: &str) -> Result<Option<String>, EngineError>;

    /// Records that `connection` is subscribed to `channel`. Subscribing again
    /// replaces the record.
    ///
    /// Without a `history_start` its [`Subscription::oldest`] is above every id
    /// given so far, so that exactly what comes after may be listed.
    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
    ) -> Result<(), EngineError>;

    /// A connection's subscription to a channel, where there is one: by the
    /// channel's real name first, else by the client's own name for it.
    async fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Result<Option<Subscription>, EngineError>;

    /// Forgets one subscription; one that does not exist is no error.
    async fn unsubscribe(&self, connection: &str, channel: &ChannelName)
    -> Result<(), EngineError>;

    /// Forgets a connection and all of its subscriptions. Every connection of
    /// a node is forgotten when the node restarts.
    async fn disconnect(&self, connection: &str) -> Result<(), EngineError>;

    /// How many counted subscriptions `channel` has, on all nodes.
    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError>;

    /// Keeps a message until `at`, to be published then by
    /// [`Engine::run_due`]. The answer names it; opaque. Survives a restart.
    async fn schedule(&self, at: SystemTime, message: NewMessage) -> Result<String, EngineError>;

    /// Publishes what is due, each message once, whatever restarts come
    /// between. (An unstored one may be lost where the process ends at that
    /// very moment, but is never published twice.)
    async fn run_due(&self) -> Result<Due, EngineError>;

    /// What the engine's own store holds; `None` where it has none.
    async fn storage(&self) -> Option<Storage>;

    /// Lets go of what is past its time. The hub calls this every minute; an
    /// engine must be correct without it.
    async fn sweep(&self);

    /// Makes durable what still waits, and closes the store. Called once, last;
    /// what needs the store fails from here on.
    async fn close(&self);
}
