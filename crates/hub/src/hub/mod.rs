//! The façade: everything that HTTP, WebSockets and sources may ask of the hub.
//!
//! - `alerts`: those that are emitted, for who notifies of them.
//! - `access`: keys and rules, which can be replaced while the hub runs.
//! - `history`: stored messages, for the connections that may list them.
//! - `each_key`: the newest of them with each key.
//! - `interruption`: viewers learn that nothing can be published.
//! - `newest`: those that a page requests when it opens.
//! - `summary`: their points, thinned.
//! - `peers`: other hubs on the same engine.
//! - `schedules`: messages that are published later.
//! - `subscriptions`: connections, and the channels that they receive.
//! - `tokens`: what viewers connect with.
//! - `withdrawal`: permission that ends while it is used.

mod access;
mod alerts;
mod each_key;
mod history;
mod interruption;
mod newest;
mod peers;
mod schedules;
mod subscriptions;
mod summary;
mod tokens;
mod withdrawal;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use live_dashboard_protocol::layout::LAYOUT_CHANGED;
use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::publish::Retention;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::Admission;
use crate::auth::Publisher;
use crate::dashboards::{Dashboards, LayoutChange};
use crate::drawing::{DrawingLimit, DrawingRules};
use crate::engine::{Engine, EngineError, NewMessage, Published};
use crate::key_sets::KeySetReader;
use crate::limits::Limits;
use crate::log_throttle::LogThrottle;
use crate::metrics::{Measured, Metrics};
use crate::outbox::{Pacer, Rules, Waiting};
use crate::page::Page;
use crate::registry::Registry;
use crate::tls::Tls;

pub(crate) use crate::registry::Subscription;
pub use access::{Access, ViewerAccess};
pub(crate) use history::HistoryError;
pub(crate) use tokens::UseError;
use withdrawal::Withdrawals;

/// How often the engine removes expired data.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Limits of each connection.
#[derive(Debug, Clone)]
pub struct ConnectionRules {
    /// The connection is closed after this time; `None` for never.
    pub lifetime: Option<Duration>,
    /// Bytes that may be queued before the connection is closed as slow.
    pub outbox: usize,
    /// A connection is written to at most once in this time; what comes earlier waits for
    /// its end. Zero: everything is written at once.
    pub coalesce: Duration,
}

/// The components of a hub.
pub struct Parts {
    /// Order, ids and shared state.
    pub engine: Arc<dyn Engine>,
    /// Keys, and rules of access.
    pub access: Access,
    /// The certificate, if connections have TLS.
    pub tls: Option<Tls>,
    /// Limits of each connection.
    pub connections: ConnectionRules,
    /// How far back viewers may look, and how long messages on the dashboards' channels
    /// are stored by default; `None` for not at all.
    pub history: Option<Duration>,
    /// What the token endpoint grants, and what pages show.
    pub dashboards: Arc<Dashboards>,
    /// The page, if there is one.
    pub page: Option<Page>,
    /// Limits of drawing it.
    pub drawing: DrawingRules,
    /// What the network may take of the hub.
    pub limits: Limits,
}

/// A running hub, shared by everything that serves it.
pub struct Hub {
    parts: Parts,
    access: RwLock<Arc<Access>>,
    withdrawals: Withdrawals,
    key_sets: KeySetReader,
    metrics: Arc<Metrics>,
    sessions: TaskTracker,
    closing: CancellationToken,
    registry: Arc<Registry>,
    outboxes: Arc<Rules>,
    drawing_limit: DrawingLimit,
    /// Held while points are summarized: one at a time, as it keeps a processor busy.
    summary_turns: Semaphore,
    /// The newest message with each key.
    indexes: each_key::Indexes,
    admission: Admission,
    refused_publishes: Mutex<LogThrottle>,
    over_limit: Mutex<LogThrottle>,
}

impl Hub {
    /// Assembles a hub. To serve it, see [`crate::serve()`].
    pub fn new(parts: Parts) -> Arc<Self> {
        let page = parts.page.as_ref().map(|page| page.version.as_str());
        let waiting = Waiting::new(parts.limits.waiting_bytes);
        let written = Measured {
            name: "written",
            help: "From a frame's encoding until the last of its connections has taken it",
            seconds: waiting.written().clone(),
        };
        let commits = parts.engine.commits().map(|seconds| Measured {
            name: "commit",
            help: "The time it took to commit writes to the store",
            seconds,
        });
        let measured: Vec<_> = [written].into_iter().chain(commits).collect();
        let metrics = Arc::new(Metrics::new(page, &measured));
        let outboxes = Arc::new(Rules {
            limit: parts.connections.outbox,
            waiting,
            pacer: Arc::new(Pacer::new(parts.connections.coalesce)),
        });
        let registry = Registry::new(Arc::clone(&metrics), Arc::clone(&outboxes));
        let registry = Arc::new(registry);
        parts.engine.attach(registry.clone());
        Arc::new(Self {
            access: RwLock::new(Arc::new(parts.access.clone())),
            withdrawals: Withdrawals::default(),
            summary_turns: Semaphore::new(1),
            indexes: each_key::Indexes::default(),
            drawing_limit: DrawingLimit::new(parts.drawing.clone()),
            admission: Admission::new(parts.limits.clone()),
            parts,
            key_sets: KeySetReader::default(),
            metrics,
            sessions: TaskTracker::new(),
            closing: CancellationToken::new(),
            registry,
            outboxes,
            refused_publishes: Mutex::default(),
            over_limit: Mutex::default(),
        })
    }

    /// Publishes a message to the subscribers of its channel. Waits while they are far
    /// behind.
    ///
    /// # Errors
    /// The engine failed; nothing is delivered.
    pub async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        let start = Instant::now();
        self.registry.catch_up(&message.channel).await;
        let published = self.parts.engine.publish(message).await?;
        self.count_published(published, start);
        Ok(published)
    }

    /// Publishes messages in order, as [`Hub::publish`] does each. Those that are stored
    /// are stored together.
    pub async fn publish_all(
        &self,
        messages: Vec<NewMessage>,
    ) -> Vec<Result<Published, EngineError>> {
        let start = Instant::now();
        for message in &messages {
            self.registry.catch_up(&message.channel).await;
        }
        let results = self.parts.engine.publish_all(messages).await;
        for published in results.iter().flatten() {
            self.count_published(*published, start);
        }
        results
    }

    /// A message with one of the dashboards' events, to be stored as long as viewers may
    /// look back.
    pub(crate) fn event(
        &self,
        channel: &ChannelName,
        event: &str,
        data: &impl Serialize,
    ) -> NewMessage {
        NewMessage {
            channel: channel.clone(),
            event: EventName::new(event).expect("the dashboards' events have valid names"),
            data: to_raw_value(data).expect("JSON values are JSON"),
            deduplication_id: None,
            store: self.default_store(),
            store_later: true,
        }
    }

    /// Publishes such a message.
    ///
    /// # Errors
    /// The engine failed.
    pub(crate) async fn publish_event(
        &self,
        channel: &ChannelName,
        event: &str,
        data: &impl Serialize,
    ) -> Result<Published, EngineError> {
        self.publish(self.event(channel, event, data)).await
    }

    fn count_published(&self, published: Published, start: Instant) {
        if published.duplicate {
            self.metrics.duplicates.inc();
        } else {
            self.metrics.published.inc();
        }
        let seconds = start.elapsed().as_secs_f64();
        self.metrics.publish_seconds.observe(seconds);
    }

    /// The number of counted subscriptions to a channel.
    ///
    /// # Errors
    /// The engine failed.
    pub async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        self.parts.engine.subscriptions(channel).await
    }

    /// What the hub counts about itself.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Receives the channel of each new subscription on this node.
    pub fn arrivals(&self) -> broadcast::Receiver<ChannelName> {
        self.registry.arrivals()
    }

    /// Keys, and rules of access, as of now.
    pub(crate) fn access(&self) -> Arc<Access> {
        let access = self.access.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&access)
    }

    /// Replaces keys and rules of access. Connections whose tokens they do not permit any
    /// more end.
    pub(crate) fn set_access(&self, access: Access) {
        let mut current = self.access.write().unwrap_or_else(PoisonError::into_inner);
        let viewers_change = current.viewer_access != access.viewer_access;
        *current = Arc::new(access);
        drop(current);
        match viewers_change {
            true => self.withdrawals.all(unix_seconds()),
            false => self.withdrawals.notify(),
        }
    }

    /// The owner of the API key that was presented, if it is valid.
    pub(crate) fn publisher(&self, presented: &str) -> Option<Publisher> {
        self.access().api_keys.publisher(presented)
    }

    /// Counts a refused publish. Returns how many were not logged, if it is time to.
    pub(crate) fn count_refused_publish(&self) -> Option<u64> {
        let throttle = self.refused_publishes.lock();
        throttle.unwrap_or_else(PoisonError::into_inner).count(1)
    }

    /// Counts a client that is over a limit, and logs once a minute how many there were.
    pub(crate) fn over_limit(&self, request: &'static str, reason: &'static str, client: IpAddr) {
        self.metrics.refuse(request, reason);
        let throttle = self.over_limit.lock();
        let times = throttle.unwrap_or_else(PoisonError::into_inner).count(1);
        if let Some(times) = times {
            tracing::warn!(times, request, reason, %client, "over a limit; this is the latest");
        }
    }

    /// What the network may take of the hub, as of now.
    pub(crate) fn limits(&self) -> Arc<Limits> {
        self.admission.limits()
    }

    /// Decides who must come back later.
    pub(crate) fn admission(&self) -> &Admission {
        &self.admission
    }

    pub(crate) fn connection_rules(&self) -> &ConnectionRules {
        &self.parts.connections
    }

    pub(crate) fn dashboards(&self) -> &Dashboards {
        &self.parts.dashboards
    }

    /// How far back viewers may look; `None` for not at all.
    pub(crate) fn history_window(&self) -> Option<Duration> {
        self.parts.history
    }

    /// Limits how much is drawn.
    pub(crate) fn drawing_limit(&self) -> &DrawingLimit {
        &self.drawing_limit
    }

    pub(crate) fn page(&self) -> Option<&Page> {
        self.parts.page.as_ref()
    }

    /// How long a message on a dashboard's channel is stored if its publisher does not
    /// say: as long as viewers may look back.
    pub(crate) fn default_store(&self) -> Retention {
        self.parts.history.map_or(Retention::No, |window| {
            Retention::Seconds(u32::try_from(window.as_secs()).unwrap_or(u32::MAX))
        })
    }

    /// The certificate, if connections have TLS.
    pub fn tls(&self) -> Option<&Tls> {
        self.parts.tls.as_ref()
    }

    /// What waits for all viewers.
    pub(crate) fn waiting(&self) -> &Arc<Waiting> {
        &self.outboxes.waiting
    }

    /// What the outboxes of all connections have in common.
    pub(crate) fn outbox_rules(&self) -> &Arc<Rules> {
        &self.outboxes
    }

    /// Why the hub should get no requests, if there is a reason.
    pub(crate) async fn not_ready(&self) -> Option<&'static str> {
        let storage = self.parts.engine.storage().await;
        if self.closing.is_cancelled() {
            Some("the hub is stopping")
        } else if storage.is_some_and(|storage| storage.failing) {
            Some("the store cannot be written")
        } else if self.parts.engine.health().await.is_err() {
            Some("the engine's server cannot be reached")
        } else if !self.admission.has_room() {
            Some("there is no room for another connection")
        } else {
            None
        }
    }

    /// Cancelled when the hub begins to stop.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// The tasks of the open connections.
    pub(crate) fn sessions(&self) -> &TaskTracker {
        &self.sessions
    }

    /// The metrics in Prometheus' text format.
    pub(crate) async fn encoded_metrics(&self) -> String {
        if let Some(storage) = self.parts.engine.storage().await {
            self.metrics.set_storage(storage);
        }
        self.metrics.set_process(&self.limits());
        self.metrics.set_waiting(self.waiting().bytes());
        self.metrics.encode()
    }

    /// Watches the layout files and publishes their changes to open pages. Runs
    /// until it is dropped.
    pub(crate) async fn run_layout_updates(self: Arc<Self>) {
        let dashboards = Arc::clone(&self.parts.dashboards);
        let publish = |LayoutChange { channel, json }| {
            let hub = Arc::clone(&self);
            async move {
                let message = NewMessage {
                    channel,
                    event: EventName::new(LAYOUT_CHANGED).expect("a valid name"),
                    data: json,
                    deduplication_id: None,
                    store: Retention::No,
                    store_later: false,
                };
                if let Err(error) = hub.publish(message).await {
                    tracing::warn!(%error, "cannot notify open pages of a changed layout");
                }
            }
        };
        let withdraw = |channel| self.withdrawals.channel(channel, unix_seconds());
        dashboards.watch(publish, withdraw).await;
    }

    /// Reloads the certificate when its files change. Runs until it is dropped.
    pub(crate) async fn run_certificate_updates(self: Arc<Self>) {
        match self.tls() {
            Some(tls) => tls.watch().await,
            None => std::future::pending().await,
        }
    }

    /// Reads the key sets of token issuers from time to time. Runs until it is dropped.
    pub(crate) async fn run_key_updates(self: Arc<Self>) {
        let current = || self.access().verifiers.sets().to_vec();
        self.key_sets.run(current).await;
    }

    /// Writes to connections that were written to just before. Runs until it is dropped.
    pub(crate) async fn run_pacing(self: Arc<Self>) {
        self.outboxes.pacer.run().await;
    }

    /// Removes expired data from the engine. Runs until it is dropped.
    pub(crate) async fn run_sweeps(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
        loop {
            ticks.tick().await;
            self.parts.engine.sweep().await;
        }
    }

    /// Closes the engine's store. The hub accepts nothing more.
    pub(crate) async fn close(&self) {
        self.parts.engine.close().await;
    }
}

/// Seconds since the Unix epoch by the system's clock.
pub(crate) fn unix_seconds() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// The payload of a message that was published without one.
pub(crate) fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}
