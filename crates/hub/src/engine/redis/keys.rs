//! The names of keys and topics. What is in braces decides on which node of a cluster a key
//! is: all of a channel are on one, so that a script can use them together. No channel's
//! name contains `#`.

use live_dashboard_protocol::name::ChannelName;

/// Makes names with a prefix.
#[derive(Debug, Clone)]
pub(super) struct Keys(pub(super) String);

impl Keys {
    /// A hash: the last id of a channel, its number of messages, its epoch.
    pub(super) fn state(&self, channel: &ChannelName) -> String {
        self.of_channel(channel, "state")
    }

    /// A stream: the stored messages of a channel.
    pub(super) fn history(&self, channel: &ChannelName) -> String {
        self.of_channel(channel, "history")
    }

    /// A topic: the messages of a channel.
    pub(super) fn topic(&self, channel: &ChannelName) -> String {
        self.of_channel(channel, "messages")
    }

    /// A hash: the number of counted subscriptions to a channel, by node.
    pub(super) fn counts(&self, channel: &ChannelName) -> String {
        self.of_channel(channel, "counts")
    }

    /// The id of the first message with a deduplication id.
    pub(super) fn duplicate(&self, channel: &ChannelName, id: &str) -> String {
        self.of_channel(channel, &format!("duplicate:{id}"))
    }

    /// The id of a scheduled message that has been published.
    pub(super) fn fired(&self, channel: &ChannelName, schedule: &str) -> String {
        self.of_channel(channel, &format!("fired:{schedule}"))
    }

    /// Whether a single-use token is used.
    pub(super) fn used(&self, jti: &str) -> String {
        format!("{}:used:{{t:{jti}}}", self.0)
    }

    /// A hash: a connection's node, secret and subscriptions.
    pub(super) fn connection(&self, connection: &str) -> String {
        format!("{}:connection:{{n:{connection}}}", self.0)
    }

    /// A sorted set: the nodes, by the end of their lease.
    pub(super) fn nodes(&self) -> String {
        format!("{}:{{nodes}}:leases", self.0)
    }

    /// A hash: the digests of each node's configuration.
    pub(super) fn digests(&self) -> String {
        format!("{}:{{nodes}}:digests", self.0)
    }

    /// The node that has a lease.
    pub(super) fn lease(&self, name: &str) -> String {
        format!("{}:{{nodes}}:lease:{name}", self.0)
    }

    /// A hash: the records of a collection. Beside the lease of its name.
    pub(super) fn records(&self, collection: &str) -> String {
        format!("{}:{{nodes}}:records:{collection}", self.0)
    }

    /// A sorted set: the schedules, by when they are due.
    pub(super) fn due(&self) -> String {
        format!("{}:{{schedules}}:due", self.0)
    }

    /// A hash: the messages of the schedules.
    pub(super) fn scheduled(&self) -> String {
        format!("{}:{{schedules}}:messages", self.0)
    }

    /// A sorted set: the schedules that a node is publishing, by the end of its time for it.
    pub(super) fn claims(&self) -> String {
        format!("{}:{{schedules}}:claims", self.0)
    }

    /// A topic: notified of each new schedule.
    pub(super) fn wake(&self) -> String {
        format!("{}:{{schedules}}:wake", self.0)
    }

    fn of_channel(&self, channel: &ChannelName, what: &str) -> String {
        format!("{}:{{c:{channel}}}#{what}", self.0)
    }
}
