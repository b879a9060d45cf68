//! The façade: everything that the doors (HTTP, WebSockets, sources) may ask
//! of the hub.
//!
//! - `history`: stored messages, for the connections that may list them.
//! - `schedules`: messages that are published later.

mod history;
mod schedules;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::ws::Utf8Bytes;
use live_dashboard_protocol::layout::LAYOUT_CHANGED;
use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::publish::Store;
use serde_json::value::RawValue;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{ApiKeys, Claims, Signer, TokenError, Verifiers};
use crate::dashboards::{Dashboards, News};
use crate::engine::{Engine, EngineError, NewMessage, NewSubscription, Published};
use crate::http::{OriginPolicy, Page};
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::registry::Registry;

pub(crate) use history::HistoryError;

/// How often the engine is asked to let go of what is past its time.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Who gets a token from the hub's own token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewerAccess {
    /// Everybody who can reach the hub.
    Open,
    /// Those whom a proxy in front of the hub has authenticated: the header's
    /// value is their `uid`.
    ProxyHeader(axum::http::HeaderName),
    /// Nobody: a backend issues the tokens.
    Off,
}

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct ConnectionRules {
    /// After this time a connection is cut; `None` for never.
    pub lifetime: Option<Duration>,
    /// Bytes that may wait for a connection before it counts as slow.
    pub outbox: usize,
}

/// What a hub is made of.
pub struct Parts {
    /// Order, ids and shared state.
    pub engine: Arc<dyn Engine>,
    /// The keys of publishers.
    pub api_keys: ApiKeys,
    /// The keys that tokens are checked with.
    pub verifiers: Verifiers,
    /// The key that the hub signs its own tokens with.
    pub signer: Signer,
    /// Who gets one.
    pub viewer_access: ViewerAccess,
    /// Which pages in a browser may talk to the hub.
    pub origins: OriginPolicy,
    /// How connections are treated.
    pub connections: ConnectionRules,
    /// How far back viewers may look, and how long the hub's own sources store
    /// their messages; `None` for not at all.
    pub history: Option<Duration>,
    /// What the token endpoint grants, and what pages show.
    pub dashboards: Arc<Dashboards>,
    /// The page, if there is one.
    pub page: Option<Page>,
}

/// A running hub, shared by everything that serves it.
pub struct Hub {
    pub(crate) parts: Parts,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) sessions: TaskTracker,
    pub(crate) closing: CancellationToken,
    registry: Arc<Registry>,
    /// Wakes who publishes scheduled messages: there is a new one.
    scheduled: Notify,
}

impl Hub {
    /// Puts a hub together. It serves nothing yet: see [`crate::serve()`].
    pub fn new(parts: Parts) -> Arc<Self> {
        let metrics = Arc::new(Metrics::new());
        let registry = Arc::new(Registry::new(Arc::clone(&metrics)));
        parts.engine.attach(registry.clone());
        Arc::new(Self {
            parts,
            metrics,
            sessions: TaskTracker::new(),
            closing: CancellationToken::new(),
            registry,
            scheduled: Notify::new(),
        })
    }

    /// Accepts a message and has it delivered.
    ///
    /// # Errors
    /// The engine could not take it; nothing was delivered.
    pub async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        let start = Instant::now();
        let published = self.parts.engine.publish(message).await?;
        if published.duplicate {
            self.metrics.duplicates.inc();
        } else {
            self.metrics.published.inc();
        }
        self.metrics
            .publish_seconds
            .observe(start.elapsed().as_secs_f64());
        Ok(published)
    }

    /// How many counted subscriptions a channel has.
    ///
    /// # Errors
    /// The engine could not tell.
    pub async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        self.parts.engine.subscriptions(channel).await
    }

    /// What the hub counts about itself.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Tells of each new subscription on this node, by its channel.
    pub fn arrivals(&self) -> broadcast::Receiver<ChannelName> {
        self.registry.arrivals()
    }

    /// Records a connection, whose secret opens the client API to it.
    pub(crate) async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError> {
        self.parts.engine.connect(connection, secret).await
    }

    /// Subscribes a connection: its outbox gets `answer`, and then what is
    /// published from here on, so that no message overtakes the answer.
    pub(crate) async fn subscribe(
        &self,
        connection: &Arc<str>,
        channel: &ChannelName,
        subscription: NewSubscription,
        outbox: &Outbox,
        answer: Utf8Bytes,
    ) -> Result<(), EngineError> {
        self.parts
            .engine
            .subscribe(connection, channel, subscription)
            .await?;
        outbox.push(answer);
        self.registry.subscribe(channel, connection, outbox.clone());
        Ok(())
    }

    /// Ends a subscription.
    pub(crate) async fn unsubscribe(
        &self,
        connection: &Arc<str>,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        self.registry.unsubscribe(channel, connection);
        self.parts.engine.unsubscribe(connection, channel).await
    }

    /// Ends a connection, which was subscribed to `channels`.
    pub(crate) async fn disconnect(
        &self,
        connection: &Arc<str>,
        channels: impl Iterator<Item = &ChannelName>,
    ) -> Result<(), EngineError> {
        for channel in channels {
            self.registry.unsubscribe(channel, connection);
        }
        self.parts.engine.disconnect(connection).await
    }

    /// Checks a token's signature and claims by the hub's clock.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.parts.verifiers.verify(token, unix_seconds())
    }

    /// Takes a token's single use, where it has only one.
    pub(crate) async fn use_up(&self, claims: &Claims) -> Result<(), UseError> {
        let Some(jti) = claims.single_use_id() else {
            return Ok(());
        };
        let until = claims.useless_after();
        if self.parts.engine.use_once(jti, until).await? {
            Ok(())
        } else {
            Err(TokenError::Replayed.into())
        }
    }

    /// Whether [`Hub::use_up`] would succeed, without doing it.
    pub(crate) async fn check_use(&self, claims: &Claims) -> Result<(), UseError> {
        match claims.single_use_id() {
            Some(jti) if self.parts.engine.is_used(jti).await? => Err(TokenError::Replayed.into()),
            _ => Ok(()),
        }
    }

    /// Tells open pages of layouts that changed, for ever.
    pub(crate) async fn keep_layouts(self: Arc<Self>) {
        let dashboards = Arc::clone(&self.parts.dashboards);
        let tell = |News { channel, json }| {
            let hub = Arc::clone(&self);
            async move {
                let message = NewMessage {
                    channel,
                    event: EventName::new(LAYOUT_CHANGED).expect("a valid name"),
                    data: json,
                    deduplication_id: None,
                    store: Store::No,
                };
                if let Err(error) = hub.publish(message).await {
                    tracing::warn!(%error, "open pages do not know of a changed layout");
                }
            }
        };
        dashboards.keep_watching(tell).await;
    }

    /// Closes the engine's store; the hub takes nothing more.
    pub(crate) async fn close(&self) {
        self.parts.engine.close().await;
    }

    /// All that the hub counts, as text for Prometheus.
    pub(crate) async fn measured(&self) -> String {
        if let Some(storage) = self.parts.engine.storage().await {
            self.metrics.stored(storage);
        }
        self.metrics.encode()
    }

    /// Lets go of what is past its time, for ever.
    pub(crate) async fn keep_swept(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
        loop {
            ticks.tick().await;
            self.parts.engine.sweep().await;
        }
    }
}

/// Why a token's single use could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UseError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Engine(#[from] EngineError),
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
