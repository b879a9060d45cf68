//! The connections of a node and their subscriptions, in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use live_dashboard_protocol::name::ChannelName;

use super::Subscription;

/// The connections of a node.
#[derive(Default)]
pub(super) struct Connections {
    connections: HashMap<String, Connection>,
    counts: HashMap<ChannelName, Count>,
}

/// The number of subscriptions to a channel.
#[derive(Default)]
struct Count {
    all: u64,
    counted: u64,
}

#[derive(Default)]
struct Connection {
    secret: Option<String>,
    /// Most connections have one: a map would take more memory.
    subscriptions: Vec<Subscription>,
}

impl Connection {
    /// Removes the subscription to `channel`.
    fn remove(&mut self, channel: &ChannelName) -> Option<Subscription> {
        let mut subscriptions = self.subscriptions.iter();
        let index = subscriptions.position(|it| it.channel == *channel)?;
        Some(self.subscriptions.swap_remove(index))
    }
}

impl Connections {
    pub(super) fn connect(&mut self, connection: &str, secret: &str) {
        let record = self.connections.entry(connection.to_owned()).or_default();
        record.secret = Some(secret.to_owned());
    }

    pub(super) fn secret(&self, connection: &str) -> Option<String> {
        self.connections.get(connection)?.secret.clone()
    }

    pub(super) fn subscribe(&mut self, connection: &str, subscription: Subscription) {
        let record = self.connections.entry(connection.to_owned()).or_default();
        let channel = subscription.channel.clone();
        let counted = subscription.counted;
        let before = record.remove(&channel);
        if record.subscriptions.is_empty() {
            record.subscriptions.reserve_exact(1);
        }
        record.subscriptions.push(subscription);
        self.discount(&channel, before);
        let count = self.counts.entry(channel).or_default();
        count.all += 1;
        count.counted += u64::from(counted);
    }

    pub(super) fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Option<Subscription> {
        let subscriptions = &self.connections.get(connection)?.subscriptions;
        let named =
            |subscription: &&Subscription| subscription.alias.as_deref() == Some(name.as_str());
        let mut all = subscriptions.iter();
        all.clone()
            .find(|subscription| subscription.channel == *name)
            .or_else(|| all.find(named))
            .cloned()
    }

    pub(super) fn unsubscribe(&mut self, connection: &str, channel: &ChannelName) {
        let before = self
            .connections
            .get_mut(connection)
            .and_then(|record| record.remove(channel));
        self.discount(channel, before);
    }

    pub(super) fn disconnect(&mut self, connection: &str) {
        let record = self.connections.remove(connection).unwrap_or_default();
        for subscription in record.subscriptions {
            let channel = subscription.channel.clone();
            self.discount(&channel, Some(subscription));
        }
    }

    /// Returns a connection's subscriptions.
    pub(super) fn subscriptions(&self, connection: &str) -> Vec<Subscription> {
        let record = self.connections.get(connection);
        record.map_or_else(Vec::new, |record| record.subscriptions.clone())
    }

    /// Returns all connections.
    pub(super) fn names(&self) -> Vec<String> {
        self.connections.keys().cloned().collect()
    }

    /// Returns the channels that have subscriptions.
    pub(super) fn channels(&self) -> Vec<ChannelName> {
        self.counts.keys().cloned().collect()
    }

    /// Whether there is a subscription to `channel`, counted or not.
    pub(super) fn has_subscribers(&self, channel: &ChannelName) -> bool {
        self.counts.contains_key(channel)
    }

    pub(super) fn count(&self, channel: &ChannelName) -> u64 {
        self.counts.get(channel).map_or(0, |count| count.counted)
    }

    /// Updates the count of `channel` after a subscription has ended.
    fn discount(&mut self, channel: &ChannelName, ended: Option<Subscription>) {
        if let Some(ended) = ended
            && let Entry::Occupied(mut count) = self.counts.entry(channel.clone())
        {
            count.get_mut().all -= 1;
            count.get_mut().counted -= u64::from(ended.counted);
            if count.get().all == 0 {
                count.remove();
            }
        }
    }
}
