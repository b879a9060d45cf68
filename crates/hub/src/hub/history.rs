//! Stored messages, for the connections that may list them.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use live_dashboard_protocol::history::HistoryRequest;
use live_dashboard_protocol::message::STATS_UPDATE;

use super::Hub;
use crate::engine::{EngineError, HistoryQuery, Message};

/// Why stored messages cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    #[error("`connectionId` and `connectionSecret` must be those of an open connection")]
    NoConnection,
    #[error("the connection is not subscribed to this channel")]
    NotSubscribed,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Hub {
    /// Checks the secret of an open connection, in constant time.
    pub(crate) async fn check_secret(
        &self,
        connection: &str,
        secret: &str,
    ) -> Result<(), HistoryError> {
        match self.parts.engine.secret(connection).await? {
            Some(known) if verify_slices_are_equal(known.as_bytes(), secret.as_bytes()).is_ok() => {
                Ok(())
            }
            _ => Err(HistoryError::NoConnection),
        }
    }

    /// Stored messages of a channel that the connection is subscribed to; after them, those
    /// with further keys. The caller has checked its secret.
    pub(crate) async fn history(
        &self,
        connection: &str,
        request: HistoryRequest,
    ) -> Result<Vec<Message>, HistoryError> {
        let engine = &self.parts.engine;
        let subscription = engine
            .subscription(connection, &request.channel)
            .await?
            .ok_or(HistoryError::NotSubscribed)?;
        // The request was validated: these are ids.
        let id = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let query = HistoryQuery {
            channel: subscription.channel,
            after: id(request.after),
            before: id(request.before),
            reverse: request.reverse,
            oldest: subscription.oldest,
            event: request.event,
            limit: request.limit,
        };
        let mut messages = engine.history(&query).await?;
        let is_newest = query.reverse && query.before.is_none();
        let stats = query
            .event
            .as_ref()
            .is_some_and(|event| event.as_str() == STATS_UPDATE);
        if request.each_key && is_newest && stats {
            let (channel, oldest) = (&query.channel, query.oldest);
            let more = self.newest_of_each_key(channel, oldest, &messages).await?;
            messages.extend(more);
        }
        Ok(messages)
    }
}
