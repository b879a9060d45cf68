//! The engine of a hub that runs alone: fan-out in memory, and a file for what must
//! survive.
//!
//! - [`ids`]: ids that never go back.
//! - [`publish`]: a message's way from its acceptance until it is emitted.
//! - [`order`]: each channel's order while messages wait for the store.
//! - [`deduplicator`]: recognizes duplicates.
//! - [`store`]: what survives, and the thread that writes it.

mod deduplicator;
mod ids;
mod order;
mod publish;
mod store;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use live_dashboard_protocol::name::ChannelName;
use prometheus_client::metrics::histogram::Histogram;
use ulid::Ulid;

use super::connections::Connections;
use super::{
    Deliver, Due, Engine, EngineError, HistoryQuery, Message, NewMessage, NewSubscription,
    Published, Schedule, Storage, Subscription,
};
use ids::{MAX_ULID_MILLIS, millis};
use order::Channels;
use publish::DueSchedule;
use store::{Change, Store, read};

pub use store::{BackupError, OpenError, OpenErrorReason, back_up, restore};

#[cfg(test)]
mod tests;

/// Returns the time.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;
/// Returns the time by a clock that nobody can set.
type Timer = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The default of [`Settings::storage_limit`].
pub const DEFAULT_STORAGE_LIMIT: u64 = 1024 * 1024 * 1024;
/// The default of [`Settings::deduplication_bytes`].
pub const DEFAULT_DEDUPLICATION_BYTES: usize = 64 * 1024 * 1024;
/// How many due schedules are read at once.
const DUE_AT_ONCE: usize = 100;
/// After so many failures in a row all others would fail too.
const MAX_FAILURES: u64 = 10;
/// The prefix of a schedule's name.
const SCHEDULE: &str = "live-dashboard:schedule/";

/// How an embedded engine works.
#[derive(Clone)]
pub struct Settings {
    /// The most bytes that the store may hold, with its indexes. The file and its
    /// log together may take half as much again.
    pub storage_limit: u64,
    /// The most memory for the deduplication ids of unstored messages, in bytes; the
    /// oldest are forgotten before their time.
    pub deduplication_bytes: usize,
    /// Returns the time.
    pub clock: Clock,
    /// Returns the time by a clock that nobody can set, for deduplication.
    pub timer: Timer,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            storage_limit: DEFAULT_STORAGE_LIMIT,
            deduplication_bytes: DEFAULT_DEDUPLICATION_BYTES,
            clock: Arc::new(SystemTime::now),
            timer: Arc::new(Instant::now),
        }
    }
}

/// An engine for one process, with a file as its store.
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    timer: Timer,
    node: OnceLock<Arc<dyn Deliver>>,
    channels: Channels,
    connections: Mutex<Connections>,
    /// Held while due schedules are published, so that each is published once.
    due: Arc<tokio::sync::Mutex<()>>,
    store: Store,
}

/// Locks data that is consistent even after a panic: each critical section changes
/// it in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the time at `millis` since the Unix epoch.
fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

impl Embedded {
    /// Opens the store at `path`. Creates it, with its directory, if there is none.
    ///
    /// # Errors
    /// The file cannot be used. It is unchanged.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, OpenError> {
        let (clock, timer) = (Arc::clone(&settings.clock), Arc::clone(&settings.timer));
        let channels = Channels::new(settings.deduplication_bytes);
        let (store, remembered) = Store::open(path, settings).map_err(|reason| OpenError {
            path: path.to_owned(),
            reason,
        })?;
        let now = timer();
        for (key, id, left) in remembered {
            let mut shard = channels.shard(&key.0);
            shard.deduplicator.accept_stored(key, id, now + left);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                clock,
                timer,
                node: OnceLock::new(),
                channels,
                connections: Mutex::default(),
                due: Arc::default(),
                store,
            }),
        })
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.inner.store.close();
    }
}

#[async_trait]
impl Engine for Embedded {
    fn attach(&self, node: Arc<dyn Deliver>) {
        self.inner.node.get_or_init(|| node);
    }

    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        self.inner.publish(message, None).await
    }

    async fn publish_all(&self, messages: Vec<NewMessage>) -> Vec<Result<Published, EngineError>> {
        self.inner.publish_all(messages).await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError> {
        let query = query.clone();
        let now = millis((self.inner.clock)());
        let store = &self.inner.store;
        store.catch_up().await;
        store
            .read(move |connection| read::history(connection, &query, now))
            .await
    }

    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError> {
        let change = Change::Use {
            jti: jti.to_owned(),
            until: millis(until),
        };
        Ok(self.inner.store.write_and_wait(change).await? > 0)
    }

    async fn is_used(&self, jti: &str) -> Result<bool, EngineError> {
        let jti = jti.to_owned();
        let store = &self.inner.store;
        store
            .read(move |connection| read::is_used(connection, &jti))
            .await
    }

    async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError> {
        lock(&self.inner.connections).connect(connection, secret);
        Ok(())
    }

    async fn secret(&self, connection: &str) -> Result<Option<String>, EngineError> {
        Ok(lock(&self.inner.connections).secret(connection))
    }

    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
    ) -> Result<(), EngineError> {
        let oldest = match subscription.history_start {
            // A later time would lose its upper bits, and so be an early one.
            Some(start) => Ulid::from_parts(millis(start).min(MAX_ULID_MILLIS), 0),
            None => self.inner.store.ids.boundary(channel),
        };
        let subscription = Subscription {
            channel: channel.clone(),
            alias: subscription.alias,
            counted: subscription.counted,
            oldest,
        };
        lock(&self.inner.connections).subscribe(connection, subscription);
        Ok(())
    }

    async fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Result<Option<Subscription>, EngineError> {
        Ok(lock(&self.inner.connections).subscription(connection, name))
    }

    async fn unsubscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        lock(&self.inner.connections).unsubscribe(connection, channel);
        Ok(())
    }

    async fn disconnect(&self, connection: &str) -> Result<(), EngineError> {
        lock(&self.inner.connections).disconnect(connection);
        Ok(())
    }

    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        Ok(lock(&self.inner.connections).count(channel))
    }

    async fn schedule(&self, at: SystemTime, message: NewMessage) -> Result<String, EngineError> {
        let id = self
            .inner
            .store
            .ids
            .next(&message.channel, (self.inner.clock)());
        let due = millis(at);
        let change = Change::Schedule { id, due, message };
        self.inner.store.write_and_wait(change).await?;
        Ok(format!("{SCHEDULE}{id}"))
    }

    async fn schedules(&self, limit: usize) -> Result<Vec<Schedule>, EngineError> {
        let store = &self.inner.store;
        store
            .read(move |connection| read::schedules(connection, limit))
            .await
    }

    async fn unschedule(&self, name: &str) -> Result<bool, EngineError> {
        let id = name.strip_prefix(SCHEDULE).and_then(|id| id.parse().ok());
        let Some(id) = id else {
            return Ok(false);
        };
        // It may be due, and about to be published.
        let _lock = self.inner.due.lock().await;
        let change = Change::Unschedule { id };
        Ok(self.inner.store.write_and_wait(change).await? > 0)
    }

    async fn run_due(&self) -> Result<Due, EngineError> {
        let inner = &self.inner;
        let lock = Arc::new(Arc::clone(&inner.due).lock_owned().await);
        let (mut fired, mut failed, mut in_a_row) = (0, 0, 0);
        let mut place = (0, Ulid::nil());
        let now = loop {
            let now = millis((inner.clock)());
            let due = inner
                .store
                .read(move |connection| read::due(connection, now, place, DUE_AT_ONCE))
                .await?;
            let Some((last, _)) = due.last() else {
                break now;
            };
            place = *last;
            for ((_, id), message) in due {
                let _lock = Arc::clone(&lock);
                match inner.fire(DueSchedule { id, _lock }, message).await {
                    Ok(is_new) => {
                        fired += u64::from(is_new);
                        in_a_row = 0;
                    }
                    Err(error) => {
                        failed += 1;
                        in_a_row += 1;
                        if in_a_row == MAX_FAILURES {
                            return Err(error);
                        }
                    }
                }
            }
        };
        let next = inner
            .store
            .read(move |connection| read::next_due(connection, now));
        let next = next.await?.map(time);
        Ok(Due {
            fired,
            failed,
            next,
        })
    }

    async fn records(&self, collection: &str) -> Result<BTreeMap<String, String>, EngineError> {
        let collection = collection.to_owned();
        let store = &self.inner.store;
        store
            .read(move |connection| read::records(connection, &collection))
            .await
    }

    async fn change_records(
        &self,
        collection: &str,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<bool, EngineError> {
        let collection = collection.to_owned();
        let change = Change::Records {
            collection,
            changes,
        };
        self.inner.store.write_and_wait(change).await?;
        Ok(true)
    }

    fn commits(&self) -> Option<Histogram> {
        Some(self.inner.store.commits().clone())
    }

    async fn storage(&self) -> Option<Storage> {
        Some(Storage {
            forgotten_ids: self.inner.channels.forgotten_ids(),
            ..self.inner.store.storage()
        })
    }

    async fn sweep(&self) {
        let now = (self.inner.timer)();
        self.inner.channels.each(|shard| {
            shard.deduplicator.forget_expired(now);
            shard.shrink();
        });
        let now = millis((self.inner.clock)());
        let expire = || Change::Expire { now };
        // A failure is logged by the writer, and the next sweep tries again.
        while self.inner.store.write_and_wait(expire()).await.unwrap_or(0) > 0 {}
    }

    async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        // A panic has been logged already.
        let _ = tokio::task::spawn_blocking(move || inner.store.close()).await;
    }
}
