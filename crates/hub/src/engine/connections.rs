//! The connections of a node and their subscriptions, in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use live_dashboard_protocol::name::ChannelName;

use super::Subscription;

/// The connections of a node.
#[derive(Default)]
pub(super) struct Connections {
    connections: HashMap<String, Connection>,
    counts: HashMap<ChannelName, u64>,
}

#[derive(Default)]
struct Connection {
    secret: Option<String>,
    subscriptions: HashMap<ChannelName, Subscription>,
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
        let before = record.subscriptions.insert(channel.clone(), subscription);
        self.discount(&channel, before);
        if counted {
            *self.counts.entry(channel).or_default() += 1;
        }
    }

    pub(super) fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Option<Subscription> {
        let subscriptions = &self.connections.get(connection)?.subscriptions;
        let named =
            |subscription: &&Subscription| subscription.alias.as_deref() == Some(name.as_str());
        subscriptions
            .get(name)
            .or_else(|| subscriptions.values().find(named))
            .cloned()
    }

    pub(super) fn unsubscribe(&mut self, connection: &str, channel: &ChannelName) {
        let before = self
            .connections
            .get_mut(connection)
            .and_then(|record| record.subscriptions.remove(channel));
        self.discount(channel, before);
    }

    pub(super) fn disconnect(&mut self, connection: &str) {
        let record = self.connections.remove(connection).unwrap_or_default();
        for (channel, subscription) in record.subscriptions {
            self.discount(&channel, Some(subscription));
        }
    }

    pub(super) fn count(&self, channel: &ChannelName) -> u64 {
        self.counts.get(channel).copied().unwrap_or(0)
    }

    /// Updates the count of `channel` after a subscription has ended.
    fn discount(&mut self, channel: &ChannelName, ended: Option<Subscription>) {
        if ended.is_some_and(|subscription| subscription.counted)
            && let Entry::Occupied(mut count) = self.counts.entry(channel.clone())
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
