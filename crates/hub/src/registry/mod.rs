//! The subscriptions of this node's connections, and the delivery of messages to their
//! outboxes, and to listeners in this process. No I/O of its own.
//!
//! - `lane`: some of a channel's subscribers, which get its messages one after the other.
//! - `subscription`: one subscriber.

mod lane;
mod subscription;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use live_dashboard_protocol::frame::{Frame, event};
use live_dashboard_protocol::message::ALERT;
use live_dashboard_protocol::name::ChannelName;
use serde_json::value::to_raw_value;
use tokio::sync::{Notify, broadcast};
use ulid::ULID_LEN;

use crate::engine::{Deliver, FRAME, Message};
use crate::metrics::Metrics;
use crate::outbox::{self, Outbox, Rules, Waiting};
use lane::Lane;

pub use subscription::Subscription;

/// Arrivals are hints for sources, which may miss some.
const ARRIVALS_QUEUED: usize = 16;

/// How many alerts may wait for who notifies of them. Whoever misses some reads them from the
/// store.
const ALERTS_QUEUED: usize = 1024;

/// The subscribers of each channel.
type Channels = HashMap<ChannelName, Vec<Arc<Lane>>>;

/// The listeners of each channel, in this process.
type Listeners = HashMap<ChannelName, Vec<Weak<dyn Deliver>>>;

/// The subscriptions of this node's connections.
pub struct Registry {
    channels: RwLock<Channels>,
    listeners: RwLock<Listeners>,
    arrivals: broadcast::Sender<ChannelName>,
    alerts: broadcast::Sender<Message>,
    scheduled: Notify,
    metrics: Arc<Metrics>,
    outboxes: Arc<Rules>,
}

impl Registry {
    /// An empty registry that counts into `metrics`, for outboxes with these rules.
    pub fn new(metrics: Arc<Metrics>, outboxes: Arc<Rules>) -> Self {
        Self {
            outboxes,
            channels: RwLock::default(),
            listeners: RwLock::default(),
            arrivals: broadcast::Sender::new(ARRIVALS_QUEUED),
            alerts: broadcast::Sender::new(ALERTS_QUEUED),
            scheduled: Notify::new(),
            metrics,
        }
    }

    /// Adds a subscription: it gets what is published on `channel` from now on, and holds
    /// it until it is opened. To be called within the runtime.
    pub fn subscribe(&self, channel: &ChannelName, outbox: Outbox) -> Arc<Subscription> {
        let mut channels = self.lock();
        let lanes = channels.entry(channel.clone()).or_default();
        let lane = match lanes.iter().find(|lane| lane.has_room()) {
            Some(lane) => lane,
            None => {
                let (rules, delivered) = (&self.outboxes, &self.metrics.delivered);
                lanes.push_mut(Arc::new(Lane::new(Arc::clone(rules), delivered.clone())))
            }
        };
        let subscription = lane.add(outbox);
        drop(channels);
        self.metrics.subscriptions.inc();
        // Fails if no source listens.
        let _ = self.arrivals.send(channel.clone());
        subscription
    }

    /// Passes what is published on `channel` from now on, and its gaps, to `listener` too,
    /// for as long as it exists.
    pub fn listen(&self, channel: &ChannelName, listener: Weak<dyn Deliver>) {
        let mut listeners = self
            .listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|_, all| {
            all.retain(|one| one.strong_count() > 0);
            !all.is_empty()
        });
        let all = listeners.entry(channel.clone()).or_default();
        if !all.iter().any(|one| one.ptr_eq(&listener)) {
            all.push(listener);
        }
    }

    fn listeners(&self, channel: &ChannelName) -> Vec<Arc<dyn Deliver>> {
        let listeners = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let all = listeners.get(channel).into_iter().flatten();
        all.filter_map(Weak::upgrade).collect()
    }

    /// Removes a subscription, if it is still there. It gets nothing more.
    pub fn unsubscribe(&self, channel: &ChannelName, subscription: &Arc<Subscription>) {
        subscription.close();
        let mut channels = self.lock();
        let Some(lanes) = channels.get_mut(channel) else {
            return;
        };
        if lanes.iter().any(|lane| lane.remove(subscription)) {
            self.metrics.subscriptions.dec();
        }
        lanes.retain(|lane| !lane.is_empty());
        if lanes.is_empty() {
            channels.remove(channel);
        }
    }

    /// Tells all subscribers whether publishing is interrupted. That is not a message: it has
    /// no id.
    pub fn interrupted(&self, is_interrupted: bool) {
        let data = to_raw_value(&is_interrupted).expect("a boolean is JSON");
        for (channel, lanes) in self.read().iter() {
            let frame = Frame {
                channel: Some(channel.as_str().into()),
                data: Some(&data),
                ..Frame::new(event::INTERRUPTED)
            };
            let frame = self.outboxes.waiting.text(&frame.encode());
            lanes.iter().for_each(|lane| lane.push(frame.clone()));
        }
    }

    /// Waits while the subscribers of `channel` are far behind what was published.
    pub async fn catch_up(&self, channel: &ChannelName) {
        for lane in self.behind(channel) {
            lane.catch_up().await;
        }
    }

    /// Waits until what was published on `channel` so far has reached the outboxes.
    pub async fn deliver_pending(&self, channel: &ChannelName) {
        let lanes = self.read().get(channel).cloned().unwrap_or_default();
        for lane in lanes {
            lane.deliver_pending().await;
        }
    }

    fn behind(&self, channel: &ChannelName) -> Vec<Arc<Lane>> {
        let channels = self.read();
        let lanes = channels.get(channel).into_iter().flatten();
        lanes.filter(|lane| lane.is_behind()).cloned().collect()
    }

    /// Receives the channel of each new subscription.
    pub fn arrivals(&self) -> broadcast::Receiver<ChannelName> {
        self.arrivals.subscribe()
    }

    /// Receives the alerts of all channels that the engine emits to this node.
    pub fn alerts(&self) -> broadcast::Receiver<Message> {
        self.alerts.subscribe()
    }

    /// Notified of each new schedule, of other nodes too.
    pub fn scheduled(&self) -> &Notify {
        &self.scheduled
    }

    fn read(&self) -> RwLockReadGuard<'_, Channels> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Channels> {
        let channels = self.channels.write();
        channels.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deliver for Registry {
    fn deliver(&self, message: &Message) {
        for listener in self.listeners(&message.channel) {
            listener.deliver(message);
        }
        if message.event.as_str() == ALERT {
            // Fails if nobody notifies of alerts.
            let _ = self.alerts.send(message.clone());
        }
        let channels = self.read();
        let Some(lanes) = channels.get(&message.channel) else {
            return;
        };
        // Encoded once: all share the bytes.
        let frame = encode(message, &self.outboxes.waiting);
        for lane in lanes {
            lane.push(frame.clone());
        }
    }

    /// Closes the channel's subscribers: they come back and recover from their last id, or
    /// show the gap.
    fn gap(&self, channel: &ChannelName) {
        for listener in self.listeners(channel) {
            listener.gap(channel);
        }
        self.metrics.gaps.inc();
        tracing::warn!(%channel, "messages were missed: its viewers reconnect");
        let channels = self.read();
        let lanes = channels.get(channel).into_iter().flatten();
        lanes.for_each(|lane| lane.missed());
    }

    fn wake(&self) {
        self.scheduled.notify_one();
    }
}

fn encode(message: &Message, waiting: &Arc<Waiting>) -> outbox::Frame {
    let mut id = [0; ULID_LEN];
    let frame = Frame {
        id: Some((&*message.id.array_to_str(&mut id)).into()),
        channel: Some(message.channel.as_str().into()),
        data: Some(&message.data),
        ..Frame::new(message.event.as_str())
    };
    let names = message.channel.as_str().len() + message.event.as_str().len();
    let length = FRAME + names + message.data.get().len();
    waiting.text_of(length, |bytes| frame.write_to(bytes))
}

#[cfg(test)]
mod tests;
