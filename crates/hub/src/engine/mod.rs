//! What must hold across nodes, behind one trait: order and ids, duplicates,
//! single use of tokens, and who is subscribed to what.
//!
//! An engine is chosen once, when the hub starts. Every implementation passes
//! the contract suite in `tests/it/engine_contract.rs`.

mod embedded;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;
use ulid::Ulid;

pub use embedded::Embedded;

/// How long a deduplication id keeps later messages with it away.
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(5 * 60);

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

/// The engine could not do what it was asked. Nothing of it happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The store behind the engine failed.
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
    /// than every earlier id of its channel, even where the clock went back,
    /// and emits it to every node.
    ///
    /// Messages of one channel are emitted in the order of their ids, and every
    /// subscriber sees that order. When this returns, the message has been
    /// emitted on this node. Of many duplicates at once, exactly one is
    /// emitted. Neither duplicates nor ids survive a restart of the embedded
    /// engine; ids still grow across one as long as the clock does.
    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError>;

    /// Takes the single use of the token `jti`, which is of no use after
    /// `until`. Of many callers at once, exactly one gets `true`.
    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError>;

    /// Whether the single use of the token `jti` has been taken.
    async fn is_used(&self, jti: &str) -> Result<bool, EngineError>;

    /// Records that `connection` is subscribed to `channel`; only a `counted`
    /// subscription shows in [`Engine::subscriptions`]. Subscribing again
    /// replaces the record.
    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        counted: bool,
    ) -> Result<(), EngineError>;

    /// Forgets one subscription; one that does not exist is no error.
    async fn unsubscribe(&self, connection: &str, channel: &ChannelName)
    -> Result<(), EngineError>;

    /// Forgets all of a connection's subscriptions.
    async fn disconnect(&self, connection: &str) -> Result<(), EngineError>;

    /// How many counted subscriptions `channel` has, on all nodes.
    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError>;

    /// Lets go of what is past its time. The hub calls this every minute; an
    /// engine must be correct without it.
    async fn sweep(&self);
}
