//! A message's way through the engine: accepted in its channel's order, stored
//! where it must be, then emitted.

use std::sync::Arc;
use std::time::SystemTime;

use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::publish::Store as Kept;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, oneshot, watch};
use ulid::Ulid;

use super::super::{DEDUPLICATION_WINDOW, EngineError, Message, NewMessage, Published};
use super::Inner;
use super::ids::millis;
use super::order::{MAX_WAITING, Shard, Waiting};
use super::recent::{Key, Known};
use super::store::{self, Change, ScheduleKey};

/// A scheduled message whose time has come. Nobody else looks for what is due
/// before it is no longer scheduled, even where its publisher stops waiting.
#[derive(Clone)]
pub(super) struct Firing {
    key: ScheduleKey,
    _alone: Arc<OwnedMutexGuard<()>>,
}

impl Firing {
    pub(super) fn new(key: ScheduleKey, alone: Arc<OwnedMutexGuard<()>>) -> Self {
        Self { key, _alone: alone }
    }
}

/// What became of a message at first.
enum Accepted {
    /// It has been published, or another one before it.
    Now(Published),
    /// It waits for the store, or behind one that does.
    Later(Ulid, oneshot::Receiver<Result<(), EngineError>>),
    /// One with the same deduplication id waits; its fate decides.
    After(watch::Receiver<()>),
}

impl Inner {
    /// Publishes a message; one that was scheduled is then no longer.
    pub(super) async fn publish(
        self: &Arc<Self>,
        message: NewMessage,
        scheduled: Option<Firing>,
    ) -> Result<Published, EngineError> {
        let durable = message.store != Kept::No || scheduled.is_some();
        loop {
            let permit = match durable {
                true => Some(self.store.permit(message.data.get().len()).await?),
                false => None,
            };
            match self.accept(&message, scheduled.clone(), permit)? {
                Accepted::Now(published) => return Ok(published),
                Accepted::Later(id, outcome) => {
                    let closed = || EngineError::Store("it was closed".into());
                    outcome.await.unwrap_or_else(|_| Err(closed()))?;
                    return Ok(Published {
                        id,
                        duplicate: false,
                    });
                }
                // An error means what a change does: it is over.
                Accepted::After(mut other) => drop(other.changed().await),
            }
        }
    }

    fn accept(
        self: &Arc<Self>,
        message: &NewMessage,
        scheduled: Option<Firing>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Accepted, EngineError> {
        let now = (self.clock)();
        let mut shard = self.channels.shard(&message.channel);
        shard.recent.forget_expired(now);
        let key: Option<Key> = message
            .deduplication_id
            .clone()
            .map(|id| (message.channel.clone(), id));
        match key.as_ref().and_then(|key| shard.recent.get(key)) {
            Some(Known::Accepted(id, _)) => {
                return Ok(Accepted::Now(Published {
                    id,
                    duplicate: true,
                }));
            }
            Some(Known::Pending(other)) => return Ok(Accepted::After(other)),
            None => {}
        }
        let waiting = shard.waiting(&message.channel);
        if permit.is_none() && waiting >= MAX_WAITING {
            let reason = "too many messages of the channel wait for it";
            return Err(EngineError::Store(reason.into()));
        }
        let id = self.ids.next(now);
        let emitted = Message {
            id,
            channel: message.channel.clone(),
            event: message.event.clone(),
            data: message.data.clone(),
        };
        let Some(permit) = permit else {
            if waiting > 0 {
                return Ok(self.queue(&mut shard, emitted, key, Some(Ok(()))));
            }
            if let Some(key) = key {
                shard.recent.accept(key, id, now);
            }
            self.emit(&emitted);
            return Ok(Accepted::Now(Published {
                id,
                duplicate: false,
            }));
        };
        let key_of = |firing: &Firing| firing.key;
        let changes = changes(message, &emitted, scheduled.as_ref().map(key_of), now);
        let queued = self.queue(&mut shard, emitted, key, None);
        let inner = Arc::clone(self);
        let channel = message.channel.clone();
        // Handed over under the channel's lock: the store sees its order.
        let closed = self.store.write(permit, changes, move |outcome| {
            inner.settle(&channel, id, outcome);
            drop(scheduled);
        });
        // Telling those who wait takes the channel's lock again.
        drop(shard);
        drop(closed);
        Ok(queued)
    }

    fn queue(
        &self,
        shard: &mut Shard,
        message: Message,
        key: Option<Key>,
        outcome: Option<Result<(), EngineError>>,
    ) -> Accepted {
        let (reply, receiver) = oneshot::channel();
        let id = message.id;
        let deduplication = key.map(|key| (key.clone(), shard.recent.begin(key)));
        shard.wait(Waiting {
            message,
            outcome,
            deduplication,
            reply,
        });
        Accepted::Later(id, receiver)
    }

    /// The store has taken a message or failed to: emits what waited for that.
    fn settle(&self, channel: &ChannelName, id: Ulid, outcome: Result<(), EngineError>) {
        let now = (self.clock)();
        let mut shard = self.channels.shard(channel);
        for waiting in shard.settle(channel, id, outcome) {
            let outcome = waiting.outcome.unwrap_or(Ok(()));
            if let Some((key, _ends_the_wait)) = waiting.deduplication {
                match outcome {
                    Ok(()) => shard.recent.accept(key, waiting.message.id, now),
                    Err(_) => shard.recent.fail(&key),
                }
            }
            if outcome.is_ok() {
                self.emit(&waiting.message);
            }
            // A publisher that has gone need not be told.
            let _ = waiting.reply.send(outcome);
        }
    }

    fn emit(&self, message: &Message) {
        if let Some(node) = self.node.get() {
            node.deliver(message);
        }
    }
}

/// What the store must do for a message.
fn changes(
    new: &NewMessage,
    message: &Message,
    scheduled: Option<ScheduleKey>,
    now: SystemTime,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(expires) = store::expires(new.store, now) {
        changes.push(Change::Insert {
            message: message.clone(),
            expires,
        });
        if let Some(deduplication_id) = new.deduplication_id.clone() {
            changes.push(Change::Remember {
                channel: new.channel.to_string(),
                deduplication_id,
                id: message.id,
                until: millis(now + DEDUPLICATION_WINDOW),
            });
        }
    }
    changes.extend(scheduled.map(|key| Change::Unschedule {
        key,
        message: new.clone(),
    }));
    changes
}
