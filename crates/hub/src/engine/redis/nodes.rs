//! The nodes that share the server: which of them are alive, what each counts and how it is
//! configured.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ::redis::{Cmd, pipe};
use futures_util::{StreamExt, stream};
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::Notify;
use tokio::time::{interval, sleep};
use ulid::Ulid;

use super::super::{EngineError, Subscription};
use super::scripts::{BEAT, LEASE, RELEASE};
use super::{Inner, duration_millis, lock};

/// A node that has not renewed its lease for this long is dead to the others.
const NODE_LEASE: Duration = Duration::from_secs(20);
/// How often a node renews its lease.
const BEAT_INTERVAL: Duration = Duration::from_secs(5);
/// For how long records of a node are kept after it has renewed them last. The node's lease
/// decides whether they count; this is for the space.
const RECORD_TIME: Duration = Duration::from_secs(60 * 60);
/// How often a node renews its records.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(15 * 60);
/// The least time that the state of a channel with viewers is kept.
const STATE_TIME: Duration = Duration::from_secs(86_400);
/// How many records are written at once.
const AT_ONCE: usize = 64;
/// The wait before counts are written again that could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// What a node knows of itself and others.
#[derive(Default)]
pub(super) struct Nodes {
    alive: Mutex<HashSet<String>>,
    leases: Mutex<BTreeSet<String>>,
    digests: Mutex<BTreeMap<String, String>>,
    /// When the node's records were renewed.
    renewed: Mutex<Option<Instant>>,
    /// Channels whose count is to be written.
    changed: Mutex<HashSet<ChannelName>>,
    changes: Notify,
}

impl Inner {
    /// Renews the node's lease from time to time. Runs until it is dropped.
    pub(super) async fn beat_on(&self) {
        let mut ticks = interval(BEAT_INTERVAL);
        loop {
            ticks.tick().await;
            if let Err(error) = self.beat().await {
                tracing::debug!(%error, "cannot renew this node's lease");
            }
        }
    }

    /// Renews the node's lease, and learns which others are alive.
    pub(super) async fn beat(&self) -> Result<(), EngineError> {
        let mut script = BEAT.key(self.keys.nodes());
        script.key(self.keys.digests());
        script
            .arg(self.now())
            .arg(&self.id)
            .arg(duration_millis(NODE_LEASE));
        let alive = self.link.run(&script).await?;
        *lock(&self.nodes.alive) = alive;
        Ok(())
    }

    /// Whether a node is alive. One that is not known may have just started.
    async fn is_alive(&self, node: &str) -> Result<bool, EngineError> {
        let is_known = || lock(&self.nodes.alive).contains(node);
        if !is_known() {
            self.beat().await?;
        }
        Ok(is_known())
    }

    /// Writes everything about this node, which the server may have lost.
    pub(super) async fn introduce(&self) -> Result<(), EngineError> {
        self.beat().await?;
        let digests = lock(&self.nodes.digests).clone();
        if !digests.is_empty() {
            self.write_digests(&digests).await?;
        }
        self.renew().await
    }

    /// Renews what expires of this node, if it is time to.
    pub(super) async fn renew_in_time(&self) -> Result<(), EngineError> {
        let renewed = *lock(&self.nodes.renewed);
        match renewed.is_some_and(|renewed| renewed.elapsed() < RENEWAL_INTERVAL) {
            true => Ok(()),
            false => self.renew().await,
        }
    }

    async fn renew(&self) -> Result<(), EngineError> {
        let channels = lock(&self.connections).channels();
        for channel in channels {
            self.changed(channel);
        }
        let connections = lock(&self.connections).names();
        let writes = connections.into_iter();
        let writes = writes.map(|one| async move { self.write_connection(&one).await });
        let mut writes = stream::iter(writes).buffer_unordered(AT_ONCE);
        let mut result = Ok(());
        while let Some(written) = writes.next().await {
            result = result.and(written);
        }
        if result.is_ok() {
            *lock(&self.nodes.renewed) = Some(Instant::now());
        }
        result
    }

    /// Writes the record of a connection, for other nodes. One without subscriptions may
    /// list nothing, and has none.
    pub(super) async fn write_connection(&self, connection: &str) -> Result<(), EngineError> {
        let (secret, subscriptions) = {
            let connections = lock(&self.connections);
            let secret = connections.secret(connection).unwrap_or_default();
            (secret, connections.subscriptions(connection))
        };
        let key = self.keys.connection(connection);
        if subscriptions.is_empty() {
            return self.link.query(&Cmd::del(key)).await;
        }
        let fields = subscriptions.iter().map(|subscription| {
            let Subscription {
                oldest,
                counted,
                alias,
                ..
            } = subscription;
            let alias = alias.as_deref().unwrap_or_default();
            let value = format!("{oldest} {} {alias}", u8::from(*counted));
            (format!("c:{}", subscription.channel), value)
        });
        let own = [
            ("node".to_owned(), self.id.clone()),
            ("secret".to_owned(), secret),
        ];
        let fields: Vec<_> = own.into_iter().chain(fields).collect();
        let mut commands = pipe();
        commands.hset_multiple(&key, &fields).ignore();
        commands.pexpire(&key, expiry(RECORD_TIME)).ignore();
        self.link.query_all(&commands).await
    }

    /// Forgets a subscription of a connection, for other nodes.
    pub(super) async fn delete_subscription(
        &self,
        connection: &str,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        let key = self.keys.connection(connection);
        let command = Cmd::hdel(key, format!("c:{channel}"));
        self.link.query(&command).await
    }

    /// Forgets a connection, for other nodes.
    pub(super) async fn delete_connection(&self, connection: &str) -> Result<(), EngineError> {
        let command = Cmd::del(self.keys.connection(connection));
        self.link.query(&command).await
    }

    /// Returns the secret and the subscriptions of another node's connection, if there is
    /// one.
    pub(super) async fn remote_connection(
        &self,
        connection: &str,
    ) -> Result<Option<(String, Vec<Subscription>)>, EngineError> {
        let command = Cmd::hgetall(self.keys.connection(connection));
        let mut fields: HashMap<String, String> = self.link.query(&command).await?;
        let (Some(node), Some(secret)) = (fields.remove("node"), fields.remove("secret")) else {
            return Ok(None);
        };
        // One of this node's is known without asking.
        if node == self.id || !self.is_alive(&node).await? {
            return Ok(None);
        }
        let subscriptions = fields.into_iter().filter_map(|(field, value)| {
            let mut parts = value.splitn(3, ' ');
            let oldest: Ulid = parts.next()?.parse().ok()?;
            let counted = parts.next()? == "1";
            let alias = parts.next().filter(|alias| !alias.is_empty());
            Some(Subscription {
                channel: ChannelName::new(field.strip_prefix("c:")?).ok()?,
                alias: alias.map(str::to_owned),
                counted,
                oldest,
            })
        });
        Ok(Some((secret, subscriptions.collect())))
    }

    /// Returns how many counted subscriptions the other nodes have.
    pub(super) async fn remote_count(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        let command = Cmd::hgetall(self.keys.counts(channel));
        let counts: HashMap<String, u64> = self.link.query(&command).await?;
        let mut sum = 0;
        for (node, count) in counts {
            if node != self.id && self.is_alive(&node).await? {
                sum += count;
            }
        }
        Ok(sum)
    }

    /// Notes that this node's count of a channel has changed.
    pub(super) fn changed(&self, channel: ChannelName) {
        lock(&self.nodes.changed).insert(channel);
        self.nodes.changes.notify_one();
    }

    /// Writes the counts that have changed. Runs until it is dropped.
    pub(super) async fn count_on(&self) {
        loop {
            let changed = std::mem::take(&mut *lock(&self.nodes.changed));
            let mut failed = false;
            for channel in changed {
                if failed || self.write_count(&channel).await.is_err() {
                    failed = true;
                    lock(&self.nodes.changed).insert(channel);
                }
            }
            if failed {
                sleep(RETRY).await;
            } else {
                self.nodes.changes.notified().await;
            }
        }
    }

    async fn write_count(&self, channel: &ChannelName) -> Result<(), EngineError> {
        let key = self.keys.counts(channel);
        let count = lock(&self.connections).count(channel);
        let mut commands = pipe();
        match count {
            0 => commands.hdel(&key, &self.id).ignore(),
            count => commands.hset(&key, &self.id, count).ignore(),
        };
        commands.pexpire(&key, expiry(RECORD_TIME)).ignore();
        // A quiet channel keeps its state while it has viewers.
        let state = self.keys.state(channel);
        commands
            .cmd("PEXPIRE")
            .arg(state)
            .arg(expiry(STATE_TIME))
            .arg("GT")
            .ignore();
        self.link.query_all(&commands).await
    }

    /// Takes or keeps a lease.
    pub(super) async fn take_lease(&self, name: &str, ttl: Duration) -> Result<bool, EngineError> {
        let mut script = LEASE.key(self.keys.lease(name));
        script.arg(&self.id).arg(duration_millis(ttl));
        let is_taken = self.link.run(&script).await?;
        if is_taken {
            lock(&self.nodes.leases).insert(name.to_owned());
        }
        Ok(is_taken)
    }

    /// Writes how this node is configured. Returns where another node differs.
    pub(super) async fn compare_digests(
        &self,
        digests: BTreeMap<String, String>,
    ) -> Result<BTreeSet<String>, EngineError> {
        lock(&self.nodes.digests).clone_from(&digests);
        self.write_digests(&digests).await?;
        let all = Cmd::hgetall(self.keys.digests());
        let all: HashMap<String, String> = self.link.query(&all).await?;
        let mut differing = BTreeSet::new();
        for (node, theirs) in all {
            if node == self.id || !self.is_alive(&node).await? {
                continue;
            }
            let theirs: BTreeMap<String, String> =
                serde_json::from_str(&theirs).unwrap_or_default();
            let differs = |(name, digest): &(&String, &String)| {
                theirs.get(*name).is_some_and(|other| other != *digest)
            };
            let names = digests.iter().filter(differs).map(|(name, _)| name.clone());
            differing.extend(names);
        }
        Ok(differing)
    }

    async fn write_digests(&self, digests: &BTreeMap<String, String>) -> Result<(), EngineError> {
        let text = serde_json::to_string(digests).expect("texts are JSON");
        let command = Cmd::hset(self.keys.digests(), &self.id, text);
        self.link.query(&command).await
    }

    /// Leaves nothing of this node behind.
    pub(super) async fn leave(&self) -> Result<(), EngineError> {
        let connections = lock(&self.connections).names();
        for connection in connections {
            self.delete_connection(&connection).await?;
        }
        let leases = std::mem::take(&mut *lock(&self.nodes.leases));
        if !leases.is_empty() {
            let mut script = RELEASE.prepare_invoke();
            for lease in leases {
                script.key(self.keys.lease(&lease));
            }
            let () = self.link.run(script.arg(&self.id)).await?;
        }
        let node = Cmd::zrem(self.keys.nodes(), &self.id);
        let () = self.link.query(&node).await?;
        let digests = Cmd::hdel(self.keys.digests(), &self.id);
        self.link.query(&digests).await
    }
}

fn expiry(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
