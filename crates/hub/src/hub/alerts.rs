//! The alerts that the engine emits, whoever published them, and records of who notifies of
//! them.

use std::collections::BTreeMap;

use live_dashboard_protocol::message::ALERT;
use live_dashboard_protocol::name::{ChannelName, EventName};
use tokio::sync::broadcast;
use ulid::Ulid;

use super::Hub;
use crate::engine::{EngineError, HistoryQuery, MAX_READ_MESSAGES, Message, NewSubscription};

impl Hub {
    /// Receives the alerts of all channels that this node gets messages of.
    pub(crate) fn alerts(&self) -> broadcast::Receiver<Message> {
        self.registry.alerts()
    }

    /// Makes this node get the messages of channels from now on, under the name of a
    /// connection, which must end with [`Hub::disconnect`].
    pub(crate) async fn receive(
        &self,
        connection: &str,
        channels: &[ChannelName],
    ) -> Result<(), EngineError> {
        for channel in channels {
            let subscription = NewSubscription {
                alias: None,
                counted: false,
                history_start: None,
            };
            let engine = &self.parts.engine;
            engine.subscribe(connection, channel, subscription).await?;
        }
        Ok(())
    }

    /// The stored alerts of a channel after a message, oldest first: the next page.
    pub(crate) async fn alerts_after(
        &self,
        channel: &ChannelName,
        after: Ulid,
    ) -> Result<Vec<Message>, EngineError> {
        let query = HistoryQuery {
            channel: channel.clone(),
            after: Some(after),
            before: None,
            reverse: false,
            oldest: Ulid::nil(),
            event: EventName::new(ALERT).ok(),
            limit: MAX_READ_MESSAGES,
        };
        self.parts.engine.history(&query).await
    }

    /// The id of the newest stored message of a channel; the least of all ids if there is
    /// none.
    pub(crate) async fn newest_id(&self, channel: &ChannelName) -> Result<Ulid, EngineError> {
        let query = HistoryQuery {
            channel: channel.clone(),
            after: None,
            before: None,
            reverse: true,
            oldest: Ulid::nil(),
            event: None,
            limit: 1,
        };
        let newest = self.parts.engine.history(&query).await?;
        Ok(newest.first().map_or_else(Ulid::nil, |message| message.id))
    }

    /// The records of a collection by name.
    pub(crate) async fn records(
        &self,
        collection: &str,
    ) -> Result<BTreeMap<String, String>, EngineError> {
        self.parts.engine.records(collection).await
    }

    /// Changes records of a collection if this hub [leads](Hub::leads) the task of that name;
    /// returns whether it does.
    pub(crate) async fn change_records(
        &self,
        collection: &str,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<bool, EngineError> {
        self.parts.engine.change_records(collection, changes).await
    }
}
