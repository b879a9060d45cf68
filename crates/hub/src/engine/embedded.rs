//! The engine of a hub that runs alone: everything in this process' memory.
//! Nothing survives a restart.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use live_dashboard_protocol::name::ChannelName;
use ulid::{Generator, Ulid};

use super::{DEDUPLICATION_WINDOW, Deliver, Engine, EngineError, Message, NewMessage, Published};

/// Channels share this many locks; publishing on two channels waits only where
/// they share one.
const SHARDS: usize = 64;

/// The clock that an engine goes by.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// An engine in memory.
pub struct Embedded {
    clock: Clock,
    node: OnceLock<Arc<dyn Deliver>>,
    ids: Mutex<Generator>,
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
    used: Mutex<HashMap<String, SystemTime>>,
    subscriptions: Mutex<Subscriptions>,
}

/// The order and the recent deduplication ids of the channels of one shard.
/// Its lock is held while a message is emitted: that is what keeps the order.
#[derive(Default)]
struct Shard {
    recent: HashMap<(ChannelName, String), Ulid>,
    /// The keys of `recent`, oldest first.
    expiry: VecDeque<(SystemTime, (ChannelName, String))>,
}

#[derive(Default)]
struct Subscriptions {
    by_connection: HashMap<String, HashMap<ChannelName, bool>>,
    counts: HashMap<ChannelName, u64>,
}

impl Embedded {
    /// An empty engine on the system's clock.
    pub fn new() -> Self {
        Self::with_clock(SystemTime::now)
    }

    /// An empty engine on `clock`.
    pub fn with_clock(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            node: OnceLock::new(),
            ids: Mutex::new(Generator::new()),
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            used: Mutex::default(),
            subscriptions: Mutex::default(),
        }
    }

    fn shard(&self, channel: &ChannelName) -> MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(channel);
        let index = usize::try_from(hash % SHARDS as u64).expect("less than the number of shards");
        lock(&self.shards[index])
    }

    fn next_id(&self, now: SystemTime) -> Ulid {
        let mut ids = lock(&self.ids);
        match ids.generate_from_datetime(now) {
            Ok(id) => id,
            // 2^80 ids in one millisecond: go on counting into the next one.
            Err(overflow) => overflow.commit_overflow_increment(),
        }
    }
}

impl Default for Embedded {
    fn default() -> Self {
        Self::new()
    }
}

/// A lock whose holder panicked still guards consistent data: each critical
/// section changes its map in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn forget_expired(&mut self, now: SystemTime) {
        while let Some((until, _)) = self.expiry.front()
            && *until <= now
        {
            if let Some((_, key)) = self.expiry.pop_front() {
                self.recent.remove(&key);
            }
        }
    }
}

impl Subscriptions {
    fn remove(&mut self, channel: &ChannelName, counted: bool) {
        if counted && let Entry::Occupied(mut count) = self.counts.entry(channel.clone()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[async_trait]
impl Engine for Embedded {
    fn attach(&self, node: Arc<dyn Deliver>) {
        self.node.get_or_init(|| node);
    }

    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        let now = (self.clock)();
        let mut shard = self.shard(&message.channel);
        shard.forget_expired(now);
        let key = message
            .deduplication_id
            .map(|id| (message.channel.clone(), id));
        if let Some(id) = key.as_ref().and_then(|key| shard.recent.get(key)) {
            return Ok(Published {
                id: *id,
                duplicate: true,
            });
        }
        let id = self.next_id(now);
        if let Some(key) = key {
            shard
                .expiry
                .push_back((now + DEDUPLICATION_WINDOW, key.clone()));
            shard.recent.insert(key, id);
        }
        if let Some(node) = self.node.get() {
            node.deliver(&Message {
                id,
                channel: message.channel,
                event: message.event,
                data: message.data,
            });
        }
        Ok(Published {
            id,
            duplicate: false,
        })
    }

    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError> {
        Ok(match lock(&self.used).entry(jti.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(unused) => {
                unused.insert(until);
                true
            }
        })
    }

    async fn is_used(&self, jti: &str) -> Result<bool, EngineError> {
        Ok(lock(&self.used).contains_key(jti))
    }

    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        counted: bool,
    ) -> Result<(), EngineError> {
        let mut subscriptions = lock(&self.subscriptions);
        let before = subscriptions
            .by_connection
            .entry(connection.to_owned())
            .or_default()
            .insert(channel.clone(), counted);
        subscriptions.remove(channel, before == Some(true));
        if counted {
            *subscriptions.counts.entry(channel.clone()).or_default() += 1;
        }
        Ok(())
    }

    async fn unsubscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        let mut subscriptions = lock(&self.subscriptions);
        let counted = subscriptions
            .by_connection
            .get_mut(connection)
            .and_then(|channels| channels.remove(channel));
        subscriptions.remove(channel, counted == Some(true));
        Ok(())
    }

    async fn disconnect(&self, connection: &str) -> Result<(), EngineError> {
        let mut subscriptions = lock(&self.subscriptions);
        let channels = subscriptions
            .by_connection
            .remove(connection)
            .unwrap_or_default();
        for (channel, counted) in channels {
            subscriptions.remove(&channel, counted);
        }
        Ok(())
    }

    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        Ok(lock(&self.subscriptions)
            .counts
            .get(channel)
            .copied()
            .unwrap_or(0))
    }

    async fn sweep(&self) {
        let now = (self.clock)();
        for shard in &self.shards {
            lock(shard).forget_expired(now);
        }
        lock(&self.used).retain(|_, until| *until > now);
    }
}
