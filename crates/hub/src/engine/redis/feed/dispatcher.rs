//! Delivers what the server pushes, in order, and closes the gaps in it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::redis::{PushInfo, Value};
use futures_util::{StreamExt, stream};
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::super::super::{Deliver, EngineError, Message};
use super::super::ids::Tag;
use super::super::keys::Keys;
use super::super::link::Link;
use super::position::{Position, Pushed, Step};
use super::state::{missed, position};
use super::{AT_ONCE, Input};

/// How often the channels' states are read.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// What was pushed may still be on its way when the state is read: a message that is still
/// missing after this time is.
const IN_FLIGHT: Duration = Duration::from_millis(500);
/// The most messages that wait until it is known where their channel begins.
const MAX_EARLY: usize = 1000;

/// Delivers what is pushed to the node.
pub(super) struct Dispatcher {
    link: Arc<Link>,
    keys: Keys,
    node: Arc<OnceLock<Arc<dyn Deliver>>>,
    /// The topic of new schedules.
    wake: String,
    /// By topic.
    channels: HashMap<String, Channel>,
    /// Reads the channels' states. Servers of a cluster that do not answer hold up no others.
    checking: JoinSet<Vec<State>>,
}

/// A channel's state: its topic, where the node was when it was read, and where the channel is.
type State = (String, Position, Result<Position, EngineError>);

/// A channel whose messages are for the node.
struct Channel {
    name: ChannelName,
    tag: Tag,
    place: Place,
    /// What the channel was ahead of the node when its state was read last.
    ahead: Option<Position>,
}

enum Place {
    /// Where the channel begins is not known yet.
    Expected(Vec<Pushed>),
    At(Position),
}

impl Dispatcher {
    /// Delivers nothing yet.
    pub(super) fn new(link: Arc<Link>, keys: Keys, node: Arc<OnceLock<Arc<dyn Deliver>>>) -> Self {
        Self {
            wake: keys.wake(),
            link,
            keys,
            node,
            channels: HashMap::new(),
            checking: JoinSet::new(),
        }
    }

    /// Works on `inputs` until they end.
    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let mut check = Instant::now() + CHECK_INTERVAL;
        loop {
            tokio::select! {
                biased;
                () = sleep_until(check), if self.checking.is_empty() => self.check(),
                Some(states) = self.checking.join_next() => {
                    // A panic has been logged.
                    let is_ahead = self.compare(states.unwrap_or_default()).await;
                    let wait = if is_ahead { IN_FLIGHT } else { CHECK_INTERVAL };
                    check = Instant::now() + wait;
                }
                input = inputs.recv() => match input {
                    None => return,
                    Some(Input::Check) => check = Instant::now(),
                    Some(input) => self.take(input).await,
                }
            }
        }
    }

    async fn take(&mut self, input: Input) {
        match input {
            Input::Push(push) => self.pushed(push).await,
            Input::Expect(name) => {
                let topic = self.keys.topic(&name);
                let channel = Channel {
                    tag: Tag::of(&name),
                    place: Place::Expected(Vec::new()),
                    ahead: None,
                    name,
                };
                self.channels.insert(topic, channel);
            }
            Input::Start(name, position) => {
                let topic = self.keys.topic(&name);
                let Some(channel) = self.channels.get_mut(&topic) else {
                    return;
                };
                let place = std::mem::replace(&mut channel.place, Place::At(position));
                if let Place::Expected(early) = place {
                    for pushed in early {
                        self.step(&topic, pushed).await;
                    }
                }
            }
            Input::Stop(name) => drop(self.channels.remove(&self.keys.topic(&name))),
            Input::Check => {}
        }
    }

    async fn pushed(&mut self, push: PushInfo) {
        let mut texts = push.data.into_iter().map(|value| match value {
            Value::BulkString(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            _ => String::new(),
        });
        let (Some(topic), Some(payload)) = (texts.next(), texts.next()) else {
            return;
        };
        if topic == self.wake {
            if let Some(node) = self.node.get() {
                node.wake();
            }
            return;
        }
        let Some(pushed) = Pushed::parse(&payload) else {
            tracing::warn!(topic, "another program publishes to a topic of the engine");
            return;
        };
        self.step(&topic, pushed).await;
    }

    async fn step(&mut self, topic: &str, pushed: Pushed) {
        // One that was unsubscribed from a moment ago.
        let Some(channel) = self.channels.get_mut(topic) else {
            return;
        };
        let position = match &mut channel.place {
            Place::At(position) => position,
            Place::Expected(early) => {
                if early.len() < MAX_EARLY {
                    early.push(pushed);
                }
                return;
            }
        };
        match position.step(&pushed) {
            Step::Old => {}
            Step::Next => {
                let message;
                (message, *position) = pushed.message(channel.name.clone(), channel.tag);
                self.deliver(&message);
            }
            // If this fails, the next message or check tries again.
            Step::Gap => drop(self.close_before(topic, pushed).await),
        }
    }

    /// Begins to read the channels' states.
    fn check(&mut self) {
        let at = self
            .channels
            .iter()
            .filter_map(|(topic, channel)| match &channel.place {
                Place::At(position) => {
                    Some((topic.clone(), channel.name.clone(), position.clone()))
                }
                Place::Expected(_) => None,
            });
        let at: Vec<_> = match self.link.pushes() {
            Ok(_) => at.collect(),
            // New connections begin with a check.
            Err(_) => Vec::new(),
        };
        let (link, keys) = (Arc::clone(&self.link), self.keys.clone());
        self.checking.spawn(async move {
            let (link, keys) = (&link, &keys);
            let states = at.into_iter().map(|(topic, name, known)| async move {
                let state = position(link, keys, &name).await;
                (topic, known, state)
            });
            stream::iter(states)
                .buffer_unordered(AT_ONCE)
                .collect()
                .await
        });
    }

    /// Closes the gaps that the channels' states show. Returns whether more are possible.
    async fn compare(&mut self, states: Vec<State>) -> bool {
        let mut more = false;
        for (topic, known, state) in states {
            let Ok(state) = state else {
                more = true;
                continue;
            };
            // An empty one says that nothing was published for long.
            if state.epoch.is_empty() || state == known {
                continue;
            }
            let Some(channel) = self.channels.get_mut(&topic) else {
                continue;
            };
            // Messages came meanwhile.
            if !matches!(&channel.place, Place::At(position) if *position == known) {
                more = true;
                continue;
            }
            let ahead = channel.ahead.replace(known.clone());
            // A server that is behind has lost messages.
            let is_missing = ahead.as_ref() == Some(&known) || state.offset < known.offset;
            more |= !matches!(self.close(&topic, is_missing).await, Ok(true));
        }
        more
    }

    /// Delivers the messages that are missing before `pushed`, as far as they are stored,
    /// and then itself.
    async fn close_before(&mut self, topic: &str, pushed: Pushed) -> Result<(), EngineError> {
        let Some((channel, position)) = self.at(topic) else {
            return Ok(());
        };
        let missed = missed(&self.link, &self.keys, &channel, &position).await?;
        let tag = Tag::of(&channel);
        let (message, to) = pushed.message(channel, tag);
        let mut messages = missed.map_or_else(Vec::new, |missed| missed.messages);
        messages.retain(|stored| stored.id < message.id);
        messages.push(message);
        let is_complete = to.since(&position) == Some(messages.len() as u64);
        self.recover(topic, to, &messages, is_complete);
        Ok(())
    }

    /// Delivers the messages that are missing, as far as they are stored. If they are not all
    /// there and it `is_sure` that they should be, it tells the node. Returns whether the
    /// gap is closed.
    async fn close(&mut self, topic: &str, is_sure: bool) -> Result<bool, EngineError> {
        let Some((channel, position)) = self.at(topic) else {
            return Ok(true);
        };
        let missed = missed(&self.link, &self.keys, &channel, &position).await?;
        let Some(missed) = missed else {
            return Ok(true);
        };
        let missing = missed.position.since(&position);
        let is_complete = missing == Some(missed.messages.len() as u64);
        if is_complete || is_sure {
            self.recover(topic, missed.position, &missed.messages, is_complete);
        }
        Ok(is_complete || is_sure)
    }

    /// A channel and where it is.
    fn at(&self, topic: &str) -> Option<(ChannelName, Position)> {
        let channel = self.channels.get(topic)?;
        match &channel.place {
            Place::At(position) => Some((channel.name.clone(), position.clone())),
            Place::Expected(_) => None,
        }
    }

    fn recover(&mut self, topic: &str, to: Position, messages: &[Message], is_complete: bool) {
        let Some(channel) = self.channels.get_mut(topic) else {
            return;
        };
        channel.place = Place::At(to);
        channel.ahead = None;
        let recovered = messages.len();
        tracing::info!(channel = %channel.name, recovered, "recovered missed messages");
        if !is_complete && let Some(node) = self.node.get() {
            node.gap(&channel.name);
        }
        for message in messages {
            self.deliver(message);
        }
    }

    fn deliver(&self, message: &Message) {
        if let Some(node) = self.node.get() {
            node.deliver(message);
        }
    }
}
