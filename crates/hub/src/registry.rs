//! Who on this node listens to what. No I/O: frames go into outboxes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::ws::Utf8Bytes;
use live_dashboard_protocol::frame::Frame;
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::broadcast;

use crate::engine::{Deliver, Message};
use crate::metrics::Metrics;
use crate::outbox::Outbox;

/// Arrivals are hints for sources: one that lags has missed nothing that the
/// next one does not tell.
const ARRIVALS_KEPT: usize = 16;

/// The subscriptions of this node's connections.
pub struct Registry {
    channels: RwLock<HashMap<ChannelName, HashMap<Arc<str>, Outbox>>>,
    arrivals: broadcast::Sender<ChannelName>,
    metrics: Arc<Metrics>,
}

impl Registry {
    /// An empty registry that counts into `metrics`.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            channels: RwLock::default(),
            arrivals: broadcast::Sender::new(ARRIVALS_KEPT),
            metrics,
        }
    }

    /// From here on `outbox` gets what is published on `channel`.
    pub fn subscribe(&self, channel: &ChannelName, connection: &Arc<str>, outbox: Outbox) {
        let before = self
            .channels
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(channel.clone())
            .or_default()
            .insert(Arc::clone(connection), outbox);
        if before.is_none() {
            self.metrics.subscriptions.inc();
        }
        // Nobody has to be interested.
        let _ = self.arrivals.send(channel.clone());
    }

    /// From here on the connection gets nothing more from `channel`.
    pub fn unsubscribe(&self, channel: &ChannelName, connection: &Arc<str>) {
        let mut channels = self
            .channels
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = channels.get_mut(channel) {
            if listeners.remove(connection).is_some() {
                self.metrics.subscriptions.dec();
            }
            if listeners.is_empty() {
                channels.remove(channel);
            }
        }
    }

    /// Tells of each new subscription, by its channel.
    pub fn arrivals(&self) -> broadcast::Receiver<ChannelName> {
        self.arrivals.subscribe()
    }
}

impl Deliver for Registry {
    fn deliver(&self, message: &Message) {
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        let Some(listeners) = channels.get(&message.channel) else {
            return;
        };
        // Encoded once; each outbox holds the same bytes.
        let frame = Utf8Bytes::from(encode(message));
        let taken = listeners
            .values()
            .filter(|outbox| outbox.push(frame.clone()))
            .count();
        self.metrics.delivered.inc_by(taken as u64);
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
