//! Connections, and the channels that they receive.

use std::sync::{Arc, Weak};

use live_dashboard_protocol::name::ChannelName;

use super::Hub;
use crate::engine::{Deliver, EngineError, NewSubscription};
use crate::outbox::Outbox;
use crate::registry::Subscription;

impl Hub {
    /// Records a connection and the secret of its client API.
    pub(crate) async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError> {
        self.parts.engine.connect(connection, secret).await
    }

    /// Subscribes an outbox to a channel: from now on, its messages are held for it.
    pub(crate) fn begin_subscription(
        &self,
        channel: &ChannelName,
        outbox: &Outbox,
    ) -> Arc<Subscription> {
        self.registry.subscribe(channel, outbox.clone())
    }

    /// Records a connection's subscription that has begun. Its outbox gets `answer`, then
    /// what was held, and then every message. If this is not awaited to its end, the
    /// connection must be unsubscribed.
    pub(crate) async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
        begun: &Arc<Subscription>,
        answer: &str,
    ) -> Result<(), EngineError> {
        let engine = &self.parts.engine;
        let recorded = engine.subscribe(connection, channel, subscription).await;
        match recorded {
            Ok(()) => begun.open(answer),
            Err(_) => self.registry.unsubscribe(channel, begun),
        }
        recorded
    }

    /// Passes what is published on a channel from now on to `listener`, for as long as it
    /// exists. On the engine it is an uncounted subscription of `connection`. May be
    /// repeated.
    ///
    /// # Errors
    /// The engine failed: not all messages will come.
    pub(crate) async fn listen(
        &self,
        connection: &str,
        channel: &ChannelName,
        listener: Weak<dyn Deliver>,
    ) -> Result<(), EngineError> {
        self.registry.listen(channel, listener);
        let subscription = NewSubscription {
            alias: None,
            counted: false,
            history_start: None,
        };
        let engine = &self.parts.engine;
        engine.subscribe(connection, channel, subscription).await
    }

    /// Waits until what was published on a channel so far has reached its subscribers'
    /// outboxes.
    pub(crate) async fn deliver_pending(&self, channel: &ChannelName) {
        self.registry.deliver_pending(channel).await;
    }

    /// Ends a subscription.
    pub(crate) async fn unsubscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: &Arc<Subscription>,
    ) -> Result<(), EngineError> {
        self.registry.unsubscribe(channel, subscription);
        self.parts.engine.unsubscribe(connection, channel).await
    }

    /// Ends a connection and its subscriptions.
    pub(crate) async fn disconnect(
        &self,
        connection: &str,
        subscriptions: impl Iterator<Item = (&ChannelName, &Arc<Subscription>)>,
    ) -> Result<(), EngineError> {
        for (channel, subscription) in subscriptions {
            self.registry.unsubscribe(channel, subscription);
        }
        self.parts.engine.disconnect(connection).await
    }
}
