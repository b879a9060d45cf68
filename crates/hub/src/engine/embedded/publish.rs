//! A message's way through the engine: deduplicated and given an id in its
//! channel's order, stored if asked for, then emitted.

use std::sync::Arc;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, oneshot, watch};
use ulid::Ulid;

use super::super::{EngineError, Message, NewMessage, Published, Retention};
use super::Inner;
use super::deduplicator::{First, Key};
use super::ids::millis;
use super::order::{MAX_WAITING, Shard, Waiting};
use super::store::{Change, closed};

/// The schedule of a message that is being published. Holds the lock on due
/// schedules until it is deleted, even if the caller stops waiting.
#[derive(Clone)]
pub(super) struct DueSchedule {
    pub(super) id: Ulid,
    pub(super) _lock: Arc<OwnedMutexGuard<()>>,
}

/// The first step of a publish.
enum Accepted {
    /// Emitted, or dropped as a duplicate.
    Done(Published),
    /// Waits for the store, or behind a message that does.
    Queued(Ulid, oneshot::Receiver<Result<(), EngineError>>),
    /// An earlier message with the same deduplication id waits for the store: this one must
    /// be tried again then.
    Blocked(NewMessage, watch::Receiver<()>),
}

impl Accepted {
    /// Waits until it is decided what becomes of the message. For one that is blocked,
    /// there is none.
    async fn published(self) -> Result<Published, EngineError> {
        match self {
            Self::Done(published) => Ok(published),
            Self::Queued(id, result) => {
                result.await.unwrap_or_else(|_| Err(closed()))?;
                Ok(Published {
                    id,
                    duplicate: false,
                })
            }
            Self::Blocked(..) => Err(closed()),
        }
    }
}

impl Inner {
    /// Publishes a message and deletes its schedule, if it has one.
    pub(super) async fn publish(
        self: &Arc<Self>,
        mut message: NewMessage,
        schedule: Option<DueSchedule>,
    ) -> Result<Published, EngineError> {
        let needs_store = message.store != Retention::No || schedule.is_some();
        loop {
            let permit = match needs_store {
                true => Some(self.store.permit(message.data.get().len()).await?),
                false => None,
            };
            match self.accept(message, schedule.clone(), permit)? {
                Accepted::Blocked(again, mut earlier) => {
                    // Fails when the sender is dropped: the earlier message is decided.
                    drop(earlier.changed().await);
                    message = again;
                }
                accepted => return accepted.published().await,
            }
        }
    }

    /// Publishes messages in order; the store commits them together.
    pub(super) async fn publish_all(
        self: &Arc<Self>,
        messages: Vec<NewMessage>,
    ) -> Vec<Result<Published, EngineError>> {
        let stored = |message: &&NewMessage| message.store != Retention::No;
        let payloads = messages.iter().filter(stored);
        let payloads = payloads.map(|message| message.data.get().len());
        let mut permits = match self.store.permits(payloads).await {
            Ok(permits) => permits.into_iter(),
            Err(error) => return vec![Err(error); messages.len()],
        };
        // What nobody waits for is gathered in any case.
        let awaited = messages.iter().any(|it| stored(&it) && !it.store_later);
        // Nothing is awaited until all are queued: the caller cannot stop in between.
        let gathering = awaited.then(|| self.store.gather());
        let accept = |message: NewMessage| {
            let permit = stored(&&message).then(|| permits.next()).flatten();
            self.accept(message, None, permit)
        };
        let accepted: Vec<_> = messages.into_iter().map(accept).collect();
        drop(gathering);
        let mut results = Vec::with_capacity(accepted.len());
        for accepted in accepted {
            results.push(match accepted {
                Ok(Accepted::Blocked(message, _)) => self.publish(message, None).await,
                Ok(accepted) => accepted.published().await,
                Err(error) => Err(error),
            });
        }
        results
    }

    /// Publishes a scheduled message and deletes its schedule; returns `false` if it is a
    /// duplicate.
    pub(super) async fn fire(
        self: &Arc<Self>,
        schedule: DueSchedule,
        message: NewMessage,
    ) -> Result<bool, EngineError> {
        let id = schedule.id;
        let published = self.publish(message, Some(schedule)).await?;
        if published.duplicate {
            self.store.write_and_wait(Change::Unschedule { id }).await?;
        }
        Ok(!published.duplicate)
    }

    fn accept(
        self: &Arc<Self>,
        message: NewMessage,
        schedule: Option<DueSchedule>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Accepted, EngineError> {
        let (now, timer) = ((self.clock)(), (self.timer)());
        let mut shard = self.channels.shard(&message.channel);
        shard.deduplicator.forget_expired(timer);
        let key: Option<Key> = message
            .deduplication_id
            .clone()
            .map(|id| (message.channel.clone(), id));
        match key.as_ref().and_then(|key| shard.deduplicator.get(key)) {
            Some(First::Accepted(id, _)) => {
                return Ok(Accepted::Done(Published {
                    id,
                    duplicate: true,
                }));
            }
            Some(First::Pending(earlier)) => return Ok(Accepted::Blocked(message, earlier)),
            None => {}
        }
        let (permit, later) = match permit {
            Some(permit) if message.store_later && schedule.is_none() => (None, Some(permit)),
            permit => (permit, None),
        };
        let waiting = shard.waiting(&message.channel);
        if permit.is_none() && waiting >= MAX_WAITING {
            let reason = format!("{MAX_WAITING} messages of the channel are waiting for the store");
            return Err(EngineError::Busy(reason));
        }
        let id = self.store.ids.next(&message.channel, now);
        let (channel, event) = (message.channel.clone(), message.event.clone());
        let stored = message.store != Retention::No;
        // The payload is copied only if both the store and viewers get it.
        let (data, mut changes) = match stored {
            true => {
                let (data, now) = (message.data.clone(), millis(now));
                (data, vec![Change::Insert { id, message, now }])
            }
            false => (message.data, Vec::new()),
        };
        let emitted = Message {
            id,
            channel: channel.clone(),
            event,
            data,
        };
        // Queued under the channel's lock, so that the store has the same order.
        let Some(permit) = permit else {
            if let Some(permit) = later {
                self.store.write_later(permit, changes);
            }
            if waiting > 0 {
                return Ok(queue(&mut shard, emitted, key, stored, Some(Ok(()))));
            }
            if let Some(key) = key {
                shard.deduplicator.accept(key, id, timer, stored);
            }
            self.emit(&emitted);
            return Ok(Accepted::Done(Published {
                id,
                duplicate: false,
            }));
        };
        changes.extend(schedule.iter().map(|due| Change::Unschedule { id: due.id }));
        let queued = queue(&mut shard, emitted, key, stored, None);
        let inner = Arc::clone(self);
        let not_queued = self.store.write(permit, changes, move |result| {
            inner.settle(&channel, id, result.map(drop));
            drop(schedule);
        });
        // Dropping a write calls back, which takes the channel's lock.
        drop(shard);
        drop(not_queued);
        Ok(queued)
    }

    /// Takes the store's answer for a message, and emits what waited for it.
    fn settle(&self, channel: &ChannelName, id: Ulid, result: Result<(), EngineError>) {
        let now = (self.timer)();
        let mut shard = self.channels.shard(channel);
        for waiting in shard.settle(channel, id, result) {
            let result = waiting.result.unwrap_or(Ok(()));
            if let Some((key, _wakes_others)) = waiting.deduplication {
                match result {
                    Ok(()) => {
                        let id = waiting.message.id;
                        shard.deduplicator.accept(key, id, now, waiting.stored);
                    }
                    Err(_) => shard.deduplicator.reject(&key),
                }
            }
            if result.is_ok() {
                self.emit(&waiting.message);
            }
            // The publisher may be gone.
            let _ = waiting.reply.send(result);
        }
    }

    fn emit(&self, message: &Message) {
        if let Some(node) = self.node.get() {
            node.deliver(message);
        }
    }
}

fn queue(
    shard: &mut Shard,
    message: Message,
    key: Option<Key>,
    stored: bool,
    result: Option<Result<(), EngineError>>,
) -> Accepted {
    let (reply, receiver) = oneshot::channel();
    let id = message.id;
    let deduplication = key.map(|key| (key.clone(), shard.deduplicator.begin(key)));
    shard.wait(Waiting {
        message,
        stored,
        result,
        deduplication,
        reply,
    });
    Accepted::Queued(id, receiver)
}
