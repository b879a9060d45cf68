//! The engine of several hubs: what they share is on a Redis or Valkey server, of version 7.0
//! at least.
//!
//! - [`address`]: `--engine`, which servers.
//! - [`link`]: the connections to them; [`server`] checks the server, [`error`] says what its
//!   errors mean.
//! - [`keys`]: the names of keys; [`scripts`]: what the server does in one step.
//! - [`feed`]: what the server pushes, without gaps.
//! - [`ids`], [`publish`], [`history`], [`schedules`]: as their names say.
//! - [`nodes`]: the hubs that share the server.
//!
//! Time is the server's. If its clock is set, windows and retention move with it; ids do not
//! go back.
//!
//! The client is the crate `redis`: its connection to a cluster follows failovers for sharded
//! pub/sub, and it is maintained, while the last release of `fred`, which has the same
//! features, is of early 2025. What `redis` has no part for is replacing a connection that
//! Sentinel has moved, and failing at once meanwhile; that is [`link`].

mod address;
mod error;
mod feed;
mod history;
mod ids;
mod keys;
mod link;
mod nodes;
mod publish;
mod schedules;
mod scripts;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::redis::aio::AsyncPushSender;
use ::redis::{Cmd, cmd};
use async_trait::async_trait;
use futures_util::FutureExt;
use live_dashboard_protocol::name::ChannelName;
use rand::RngExt;
use rustls::crypto::aws_lc_rs;
use tokio::task::JoinSet;
use tokio::time::timeout;
use ulid::Ulid;

use super::connections::Connections;
use super::{
    Deliver, Due, Engine, EngineError, HistoryQuery, Message, NewMessage, NewSubscription,
    Published, Schedule, Storage, Subscription,
};
use feed::Feed;
use ids::Tag;
use keys::Keys;
use link::Link;
use nodes::Nodes;
use scripts::RECORDS;

pub use address::{AddressError, RedisAddress};
pub use publish::MAX_STORED_PER_CHANNEL;

/// How long leaving may take when the hub stops.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// An engine whose state is on a server that it shares with other nodes.
pub struct Redis {
    inner: Arc<Inner>,
    tasks: Mutex<JoinSet<()>>,
}

/// Returns the time in place of the server.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

struct Inner {
    /// The node's name, which no other node has.
    id: String,
    link: Arc<Link>,
    keys: Keys,
    clock: Option<Clock>,
    node: Arc<OnceLock<Arc<dyn Deliver>>>,
    feed: Feed,
    /// Those of this node. The server's records are for the others.
    connections: Mutex<Connections>,
    nodes: Nodes,
}

/// Locks data that is consistent even after a panic: each critical section changes it in one
/// step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns milliseconds since the Unix epoch; 0 for earlier times.
fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, duration_millis)
}

fn duration_millis(duration: Duration) -> u64 {
    // The greatest whole number that scripts calculate with.
    u64::try_from(duration.as_millis()).map_or(1 << 53, |millis| millis.min(1 << 53))
}

/// Returns the time at `millis` since the Unix epoch.
fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

impl Redis {
    /// Connects in the background, and whenever the connection is lost: until then all
    /// requests fail. Must be called within a tokio runtime. `clock` replaces the server's,
    /// for tests.
    #[must_use]
    pub fn new(address: RedisAddress, clock: Option<Clock>) -> Self {
        let id = format!("{:012x}", rand::rng().random::<u64>() >> 16);
        if address.tls {
            // Fails if there is one, which is as good.
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let keys = Keys(address.prefix.clone());
        let link = Arc::new(Link::new(address, &id));
        let node = Arc::default();
        let (feed, delivers) = Feed::new(Arc::clone(&link), keys.clone(), Arc::clone(&node));
        let inner = Arc::new(Inner {
            keys,
            link,
            clock,
            node,
            feed,
            connections: Mutex::default(),
            nodes: Nodes::default(),
            id,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(delivers);
        tasks.spawn(Arc::clone(&inner).keep_connected());
        let of = Arc::clone(&inner);
        tasks.spawn(async move { of.beat_on().await });
        let of = Arc::clone(&inner);
        tasks.spawn(async move { of.count_on().await });
        let tasks = Mutex::new(tasks);
        Self { inner, tasks }
    }
}

impl Inner {
    /// The time for scripts: empty for the server's.
    fn now(&self) -> String {
        let now = self.clock.as_ref().map(|clock| millis(clock()).to_string());
        now.unwrap_or_default()
    }

    async fn keep_connected(self: Arc<Self>) {
        let pushes: Arc<dyn AsyncPushSender> = Arc::new(self.feed.pushes());
        let link = Arc::clone(&self.link);
        let connected = move || {
            let inner = Arc::clone(&self);
            let introduce = async move {
                inner.wake_on().await?;
                inner.feed.resume().await?;
                inner.introduce().await
            };
            introduce.boxed()
        };
        link.keep(pushes, connected).await;
    }

    /// Gets told of schedules that other nodes make. Some may have been made meanwhile.
    async fn wake_on(&self) -> Result<(), EngineError> {
        let subscribed = self.link.pushes()?.subscribe(self.keys.wake()).await;
        subscribed.map_err(|error| self.link.failed(&error))?;
        if let Some(node) = self.node.get() {
            node.wake();
        }
        Ok(())
    }

    /// Subscribes a connection of this node.
    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        new: NewSubscription,
    ) -> Result<(), EngineError> {
        let start = new.history_start.map(|start| {
            // A later time would lose its upper bits, and so be an early one.
            Ulid::from_parts(millis(start).min((1 << 48) - 1), 0)
        });
        let mut subscription = Subscription {
            channel: channel.clone(),
            alias: new.alias,
            counted: new.counted,
            // Nothing may be listed until it is known from where.
            oldest: start.unwrap_or(Ulid::from(u128::MAX)),
        };
        // First, so that the feed goes on.
        lock(&self.connections).subscribe(connection, subscription.clone());
        self.feed.start(channel).await?;
        if start.is_none() {
            let position = feed::position(&self.link, &self.keys, channel).await?;
            let last = Tag::of(channel).ulid(position.last);
            subscription.oldest = Ulid::from(u128::from(last).saturating_add(1));
            lock(&self.connections).subscribe(connection, subscription);
        }
        self.changed(channel.clone());
        self.write_connection(connection).await
    }
}

#[async_trait]
impl Engine for Redis {
    fn attach(&self, node: Arc<dyn Deliver>) {
        self.inner.node.get_or_init(|| node);
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.inner.link.health()
    }

    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        self.inner.publish(&message, None).await
    }

    async fn publish_all(&self, messages: Vec<NewMessage>) -> Vec<Result<Published, EngineError>> {
        self.inner.publish_all(&messages).await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError> {
        self.inner.page(query).await
    }

    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError> {
        let mut command = cmd("SET");
        command.arg(self.inner.keys.used(jti)).arg(1).arg("NX");
        command.arg("PXAT").arg(millis(until).max(1));
        let set: Option<String> = self.inner.link.query(&command).await?;
        Ok(set.is_some())
    }

    async fn is_used(&self, jti: &str) -> Result<bool, EngineError> {
        let command = Cmd::exists(self.inner.keys.used(jti));
        self.inner.link.query(&command).await
    }

    async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError> {
        lock(&self.inner.connections).connect(connection, secret);
        Ok(())
    }

    async fn secret(&self, connection: &str) -> Result<Option<String>, EngineError> {
        let own = lock(&self.inner.connections).secret(connection);
        match own {
            Some(secret) => Ok(Some(secret)),
            None => {
                let remote = self.inner.remote_connection(connection).await?;
                Ok(remote.map(|(secret, _)| secret))
            }
        }
    }

    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
    ) -> Result<(), EngineError> {
        let inner = &self.inner;
        let subscribed = inner.subscribe(connection, channel, subscription).await;
        if subscribed.is_err() {
            lock(&inner.connections).unsubscribe(connection, channel);
        }
        subscribed
    }

    async fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Result<Option<Subscription>, EngineError> {
        {
            let own = lock(&self.inner.connections);
            let found = own.subscription(connection, name);
            if found.is_some() || own.secret(connection).is_some() {
                return Ok(found);
            }
        }
        let remote = self.inner.remote_connection(connection).await?;
        let subscriptions = remote.map(|(_, subscriptions)| subscriptions);
        let subscriptions = subscriptions.unwrap_or_default();
        let mut named = subscriptions.iter().filter(|one| one.channel == *name);
        let alias = Some(name.as_str());
        let mut aliased = subscriptions
            .iter()
            .filter(|one| one.alias.as_deref() == alias);
        Ok(named.next().or_else(|| aliased.next()).cloned())
    }

    async fn unsubscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        lock(&self.inner.connections).unsubscribe(connection, channel);
        self.inner.changed(channel.clone());
        self.inner.delete_subscription(connection, channel).await
    }

    async fn disconnect(&self, connection: &str) -> Result<(), EngineError> {
        let subscriptions = {
            let mut connections = lock(&self.inner.connections);
            let subscriptions = connections.subscriptions(connection);
            connections.disconnect(connection);
            subscriptions
        };
        if subscriptions.is_empty() {
            return Ok(());
        }
        for subscription in subscriptions {
            self.inner.changed(subscription.channel);
        }
        self.inner.delete_connection(connection).await
    }

    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        let remote = self.inner.remote_count(channel).await?;
        Ok(lock(&self.inner.connections).count(channel) + remote)
    }

    async fn schedule(&self, at: SystemTime, message: NewMessage) -> Result<String, EngineError> {
        self.inner.keep(at, message).await
    }

    async fn schedules(&self, limit: usize) -> Result<Vec<Schedule>, EngineError> {
        self.inner.kept(limit).await
    }

    async fn unschedule(&self, name: &str) -> Result<bool, EngineError> {
        self.inner.unkeep(name).await
    }

    async fn run_due(&self) -> Result<Due, EngineError> {
        self.inner.fire_due().await
    }

    async fn lease(&self, name: &str, ttl: Duration) -> Result<bool, EngineError> {
        self.inner.take_lease(name, ttl).await
    }

    async fn records(&self, collection: &str) -> Result<BTreeMap<String, String>, EngineError> {
        let mut command = cmd("HGETALL");
        command.arg(self.inner.keys.records(collection));
        self.inner.link.query(&command).await
    }

    async fn change_records(
        &self,
        collection: &str,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<bool, EngineError> {
        let keys = &self.inner.keys;
        let mut script = RECORDS.key(keys.lease(collection));
        script.key(keys.records(collection)).arg(&self.inner.id);
        for (name, value) in changes {
            let is_set = u8::from(value.is_some());
            script.arg(name).arg(is_set).arg(value.unwrap_or_default());
        }
        self.inner.link.run(&script).await
    }

    async fn compare(
        &self,
        digests: BTreeMap<String, String>,
    ) -> Result<BTreeSet<String>, EngineError> {
        self.inner.compare_digests(digests).await
    }

    async fn storage(&self) -> Option<Storage> {
        None
    }

    async fn sweep(&self) {
        let inner = &self.inner;
        let interested = |channel: &ChannelName| lock(&inner.connections).has_subscribers(channel);
        inner.feed.stop_unused(interested).await;
        // After a failure, new connections are introduced.
        let _ = inner.beat().await;
        let _ = inner.renew_in_time().await;
    }

    async fn close(&self) {
        // What is left expires.
        let _ = timeout(LEAVE_TIMEOUT, self.inner.leave()).await;
        lock(&self.tasks).abort_all();
    }
}
