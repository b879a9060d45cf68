//! The engine of a hub that runs alone: memory for fan-out, a file for what
//! must survive.
//!
//! - [`ids`]: ids that never go back.
//! - [`publish`]: a message's way, from its acceptance until it is emitted.
//! - [`order`]: each channel's order while messages wait for the store.
//! - [`recent`]: deduplication ids.
//! - [`connections`]: who is connected and subscribed.
//! - [`store`]: what survives, and the thread that writes it.

mod connections;
mod ids;
mod order;
mod publish;
mod recent;
mod store;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use live_dashboard_protocol::name::ChannelName;
use ulid::Ulid;

use super::{
    Deliver, Due, Engine, EngineError, HistoryQuery, Message, NewMessage, NewSubscription,
    Published, Storage, Subscription,
};
use connections::Connections;
use ids::{Ids, millis};
use order::Channels;
use publish::Firing;
use store::{Change, ScheduleKey, Store};

pub use store::OpenError;

#[cfg(test)]
mod tests;

/// The clock that an engine goes by.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The bytes that are kept unless told otherwise.
const DEFAULT_LIMIT: u64 = 1024 * 1024 * 1024;
/// So many schedules are read at once when they are due.
const DUE_AT_ONCE: usize = 100;
/// What the name of a schedule begins with.
const SCHEDULE: &str = "live-dashboard:schedule/";

/// How an embedded engine works.
#[derive(Clone)]
pub struct Settings {
    /// The most bytes that stored messages may have, with what is needed to
    /// find them.
    pub storage_limit: u64,
    /// The clock.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            storage_limit: DEFAULT_LIMIT,
            clock: Arc::new(SystemTime::now),
        }
    }
}

/// An engine in memory, with a store beside it.
pub struct Embedded {
    inner: Arc<Inner>,
    /// The store's thread.
    writer: Mutex<Option<JoinHandle<()>>>,
}

struct Inner {
    clock: Clock,
    node: OnceLock<Arc<dyn Deliver>>,
    ids: Arc<Ids>,
    channels: Channels,
    used: Mutex<HashMap<String, SystemTime>>,
    connections: Mutex<Connections>,
    /// Held by who publishes what is due, so that each is published once.
    due: Arc<tokio::sync::Mutex<()>>,
    store: Store,
}

/// A lock whose holder panicked still guards consistent data: each critical
/// section changes its map in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Embedded {
    /// An engine whose store is the file at `path`; it is made where there is
    /// none, with its directory.
    ///
    /// # Errors
    /// The file cannot be used; it is left as it is.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, OpenError> {
        let (database, reopen) = store::open(path.to_owned())?;
        Self::start(database, Some(path), reopen, settings).map_err(|error| OpenError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    /// An engine whose store ends with it.
    ///
    /// # Errors
    /// There is not enough memory, or no thread to be had.
    pub fn in_memory(settings: Settings) -> Result<Self, EngineError> {
        let (database, reopen) = store::in_memory()?;
        Self::start(database, None, reopen, settings)
    }

    fn start(
        database: redb::Database,
        path: Option<&Path>,
        reopen: store::Reopen,
        settings: Settings,
    ) -> Result<Self, EngineError> {
        let Settings {
            storage_limit,
            clock,
        } = settings;
        let (store, writer, ids, remembered) = Store::start(
            database,
            path.map(Path::to_owned),
            reopen,
            storage_limit,
            Arc::clone(&clock),
        )?;
        let channels = Channels::new();
        for (until, channel, deduplication_id, id) in remembered.duplicates {
            if let Ok(channel) = ChannelName::new(&channel) {
                let key = (channel.clone(), deduplication_id);
                let mut shard = channels.shard(&channel);
                shard.recent.accept_until(key, id, time(until));
            }
        }
        let used = remembered.used.into_iter();
        Ok(Self {
            inner: Arc::new(Inner {
                clock,
                node: OnceLock::new(),
                ids,
                channels,
                used: Mutex::new(used.map(|(until, jti)| (jti, time(until))).collect()),
                connections: Mutex::default(),
                due: Arc::default(),
                store,
            }),
            writer: Mutex::new(Some(writer)),
        })
    }
}

/// A time of so many milliseconds since the Unix epoch.
fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis)
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.inner.store.close();
        if let Some(writer) = lock(&self.writer).take() {
            // It has logged why, if it failed.
            let _ = writer.join();
        }
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

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError> {
        let query = query.clone();
        let now = (self.inner.clock)();
        let store = &self.inner.store;
        store.read(move |shared| shared.history(&query, now)).await
    }

    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError> {
        match lock(&self.inner.used).entry(jti.to_owned()) {
            Entry::Occupied(_) => return Ok(false),
            Entry::Vacant(unused) => unused.insert(until),
        };
        let change = Change::Use {
            jti: jti.to_owned(),
            until: millis(until),
        };
        let written = self.inner.store.write_and_wait(vec![change]).await;
        if written.is_err() {
            lock(&self.inner.used).remove(jti);
        }
        written.map(|()| true)
    }

    async fn is_used(&self, jti: &str) -> Result<bool, EngineError> {
        Ok(lock(&self.inner.used).contains_key(jti))
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
            Some(start) => Ulid::from_parts(millis(start), 0),
            None => self.inner.ids.boundary(),
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
        let id = self.inner.ids.next((self.inner.clock)());
        let key = ScheduleKey { at: millis(at), id };
        let change = Change::Schedule { key, message };
        self.inner.store.write_and_wait(vec![change]).await?;
        Ok(format!("{SCHEDULE}{id}"))
    }

    async fn run_due(&self) -> Result<Due, EngineError> {
        let inner = &self.inner;
        let alone = Arc::new(Arc::clone(&inner.due).lock_owned().await);
        let mut fired = 0;
        loop {
            let now = (inner.clock)();
            let due = inner
                .store
                .read(move |shared| shared.due(now, DUE_AT_ONCE))
                .await?;
            if due.is_empty() {
                break;
            }
            for (key, message) in due {
                let firing = Firing::new(key, Arc::clone(&alone));
                let published = inner.publish(message.clone(), Some(firing)).await?;
                if published.duplicate {
                    let over = Change::Unschedule { key, message };
                    inner.store.write_and_wait(vec![over]).await?;
                } else {
                    fired += 1;
                }
            }
        }
        let next = inner.store.read(|shared| shared.next_due()).await?;
        Ok(Due {
            fired,
            next: next.map(time),
        })
    }

    async fn storage(&self) -> Option<Storage> {
        Some(self.inner.store.storage())
    }

    async fn sweep(&self) {
        let now = (self.inner.clock)();
        self.inner.channels.each(|shard| {
            shard.recent.forget_expired(now);
            shard.shrink();
        });
        {
            let mut used = lock(&self.inner.used);
            used.retain(|_, until| *until + store::USE_GRACE > now);
            let keep = 2 * used.len();
            used.shrink_to(keep);
        }
        self.inner.store.sweep().await;
    }

    async fn close(&self) {
        self.inner.store.close();
        let writer = lock(&self.writer).take();
        if let Some(writer) = writer {
            // It has logged why, if it failed.
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
    }
}
