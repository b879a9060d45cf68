//! The subscriptions of this node's connections. No I/O: frames go into outboxes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use live_dashboard_protocol::frame::Frame;
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::{Notify, broadcast};

use crate::engine::{Deliver, Message};
use crate::metrics::Metrics;
use crate::outbox::{Outbox, Waiting};

/// Arrivals are hints for sources, which may miss some.
const ARRIVALS_QUEUED: usize = 16;

/// The outboxes of each channel's subscribers, by connection.
type Channels = HashMap<ChannelName, HashMap<Arc<str>, Outbox>>;

/// The subscriptions of this node's connections.
pub struct Registry {
    channels: RwLock<Channels>,
    arrivals: broadcast::Sender<ChannelName>,
    scheduled: Notify,
    metrics: Arc<Metrics>,
    waiting: Arc<Waiting>,
}

impl Registry {
    /// An empty registry that counts into `metrics`, and its frames into `waiting`.
    pub fn new(metrics: Arc<Metrics>, waiting: Arc<Waiting>) -> Self {
        Self {
            waiting,
            channels: RwLock::default(),
            arrivals: broadcast::Sender::new(ARRIVALS_QUEUED),
            scheduled: Notify::new(),
            metrics,
        }
    }

    /// Adds a subscription: `outbox` gets what is published on `channel`.
    pub fn subscribe(&self, channel: &ChannelName, connection: &Arc<str>, outbox: Outbox) {
        let mut channels = self.lock();
        let subscribers = channels.entry(channel.clone()).or_default();
        let previous = subscribers.insert(Arc::clone(connection), outbox);
        drop(channels);
        if previous.is_none() {
            self.metrics.subscriptions.inc();
        }
        // Fails if no source listens.
        let _ = self.arrivals.send(channel.clone());
    }

    /// Replaces the outbox of a subscription. Nothing is delivered while `between` runs.
    pub fn replace(
        &self,
        channel: &ChannelName,
        connection: &Arc<str>,
        outbox: Outbox,
        between: impl FnOnce(),
    ) {
        let mut channels = self.lock();
        let subscribers = channels.get_mut(channel);
        if let Some(replaced) = subscribers.and_then(|of_channel| of_channel.get_mut(connection)) {
            between();
            *replaced = outbox;
        }
    }

    /// Removes a subscription.
    pub fn unsubscribe(&self, channel: &ChannelName, connection: &Arc<str>) {
        let mut channels = self.lock();
        if let Some(subscribers) = channels.get_mut(channel) {
            if subscribers.remove(connection).is_some() {
                self.metrics.subscriptions.dec();
            }
            if subscribers.is_empty() {
                channels.remove(channel);
            }
        }
    }

    /// Receives the channel of each new subscription.
    pub fn arrivals(&self) -> broadcast::Receiver<ChannelName> {
        self.arrivals.subscribe()
    }

    /// Notified of each new schedule, of other nodes too.
    pub fn scheduled(&self) -> &Notify {
        &self.scheduled
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Channels> {
        let channels = self.channels.write();
        channels.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deliver for Registry {
    fn deliver(&self, message: &Message) {
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        let Some(subscribers) = channels.get(&message.channel) else {
            return;
        };
        // Encoded once: the outboxes share the bytes.
        let frame = self.waiting.frame(encode(message));
        let outboxes = subscribers.values();
        let queued = outboxes.filter(|outbox| outbox.push(frame.clone())).count();
        self.metrics.delivered.inc_by(queued as u64);
    }

    /// Closes the channel's subscribers: they come back and recover from their last id, or
    /// show the gap.
    fn gap(&self, channel: &ChannelName) {
        self.metrics.gaps.inc();
        tracing::warn!(%channel, "messages were missed: its viewers reconnect");
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        let subscribers = channels.get(channel).into_iter().flat_map(HashMap::values);
        subscribers.for_each(Outbox::missed);
    }

    fn wake(&self) {
        self.scheduled.notify_one();
    }
}

fn encode(message: &Message) -> String {
    Frame {
        id: Some(message.id.to_string().into()),
        channel: Some(message.channel.as_str().into()),
        data: Some(&message.data),
        ..Frame::new(message.event.as_str())
    }
    .encode()
}
