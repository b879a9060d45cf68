//! The topics that a node subscribes to, so that it gets the messages of its channels without
//! gaps.
//!
//! Pub/sub forgets what it cannot deliver. Each message has a number, so a missing one is
//! noticed at the next, or when the channel's state is read, every few seconds and after
//! each reconnection. The gap is then closed with stored messages; where that does not
//! suffice, the node is told.
//!
//! - [`dispatcher`]: delivers what is pushed, and closes gaps.
//! - [`position`]: how a gap is seen.
//! - [`state`]: where the server is.

mod dispatcher;
mod position;
mod state;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use ::redis::{PushInfo, PushKind, RedisError};
use futures_util::{StreamExt, stream};
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::mpsc;

use super::super::{Deliver, EngineError};
use super::keys::Keys;
use super::link::Link;
use super::lock;
use dispatcher::Dispatcher;
use position::Position;

pub(super) use state::position;

/// The most pushes that wait to be delivered. More are dropped, and noticed as missing.
const QUEUE: usize = 8192;
/// How many topics are subscribed to, or states read, at once.
const AT_ONCE: usize = 64;

/// The topics that a node subscribes to.
pub(super) struct Feed {
    link: Arc<Link>,
    keys: Keys,
    topics: Mutex<HashMap<ChannelName, Arc<Topic>>>,
    queue: mpsc::Sender<Input>,
}

/// Held while the topic is subscribed to or unsubscribed from.
type Topic = tokio::sync::Mutex<Subscribed>;

#[derive(Debug, Default, PartialEq, Eq)]
enum Subscribed {
    #[default]
    Idle,
    Live,
    /// No longer among the feed's topics.
    Removed,
}

/// What the dispatcher works on, in order.
enum Input {
    Push(PushInfo),
    /// Messages of a channel may come.
    Expect(ChannelName),
    /// Messages of a channel are for the node from here on.
    Start(ChannelName, Position),
    Stop(ChannelName),
    /// Messages may be missing.
    Check,
}

impl Feed {
    /// Subscribes to nothing yet. The future delivers to `node` until the feed is dropped.
    pub(super) fn new(
        link: Arc<Link>,
        keys: Keys,
        node: Arc<OnceLock<Arc<dyn Deliver>>>,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (queue, inputs) = mpsc::channel(QUEUE);
        let dispatcher = Dispatcher::new(Arc::clone(&link), keys.clone(), node);
        let feed = Self {
            link,
            keys,
            topics: Mutex::default(),
            queue,
        };
        (feed, dispatcher.run(inputs))
    }

    /// What takes pushes from a connection, without waiting.
    pub(super) fn pushes(&self) -> impl Fn(PushInfo) -> Result<(), ()> + use<> {
        let (queue, link) = (self.queue.clone(), Arc::downgrade(&self.link));
        move |push| {
            match push.kind {
                PushKind::Disconnection => {
                    if let Some(link) = link.upgrade() {
                        link.break_off(EngineError::Unavailable("it hung up".into()));
                    }
                }
                PushKind::Message | PushKind::SMessage => drop(queue.try_send(Input::Push(push))),
                _ => {}
            }
            Ok(())
        }
    }

    /// Gets the messages of a channel from now on.
    pub(super) async fn start(&self, channel: &ChannelName) -> Result<(), EngineError> {
        loop {
            let topic = Arc::clone(lock(&self.topics).entry(channel.clone()).or_default());
            let mut state = topic.lock().await;
            match *state {
                Subscribed::Live => return Ok(()),
                Subscribed::Removed => {}
                Subscribed::Idle => {
                    self.send(Input::Expect(channel.clone())).await;
                    let position = async {
                        self.subscribe(channel).await?;
                        position(&self.link, &self.keys, channel).await
                    };
                    let position = match position.await {
                        Ok(position) => position,
                        Err(error) => {
                            self.send(Input::Stop(channel.clone())).await;
                            return Err(error);
                        }
                    };
                    self.send(Input::Start(channel.clone(), position)).await;
                    *state = Subscribed::Live;
                    return Ok(());
                }
            }
        }
    }

    /// Subscribes again to all topics, on new connections.
    pub(super) async fn resume(&self) -> Result<(), EngineError> {
        let topics: Vec<_> = lock(&self.topics).clone().into_iter().collect();
        let resumed = stream::iter(topics.into_iter().map(|(channel, topic)| async move {
            let state = topic.lock().await;
            match *state {
                Subscribed::Live => self.subscribe(&channel).await,
                Subscribed::Idle | Subscribed::Removed => Ok(()),
            }
        }));
        let mut resumed = resumed.buffer_unordered(AT_ONCE);
        let mut result = Ok(());
        while let Some(one) = resumed.next().await {
            result = result.and(one);
        }
        self.send(Input::Check).await;
        result
    }

    /// Unsubscribes from the channels that nobody on the node is `interested` in.
    pub(super) async fn stop_unused(&self, interested: impl Fn(&ChannelName) -> bool) {
        let topics: Vec<_> = lock(&self.topics).clone().into_iter().collect();
        for (channel, topic) in topics {
            let mut state = topic.lock().await;
            if interested(&channel) {
                continue;
            }
            if let Ok(mut pushes) = self.link.pushes() {
                // If this fails, the topic is not subscribed to again.
                let topic = self.keys.topic(&channel);
                let _: Result<(), RedisError> = pushes.unsubscribe(topic).await;
            }
            *state = Subscribed::Removed;
            lock(&self.topics).remove(&channel);
            self.send(Input::Stop(channel)).await;
        }
    }

    async fn subscribe(&self, channel: &ChannelName) -> Result<(), EngineError> {
        let topic = self.keys.topic(channel);
        let subscribed = self.link.pushes()?.subscribe(topic).await;
        subscribed.map_err(|error| self.link.failed(&error))
    }

    async fn send(&self, input: Input) {
        // Fails once the engine is closed.
        let _ = self.queue.send(input).await;
    }
}
