//! The feed as a hook: folded into the model at once, published once a frame.

use dioxus::core::Task;
use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::config::Config;
use crate::feed::{self, Endpoints, FeedEvent};
use crate::model::{Alerts, ChartHistory, Connection, Model, Stats};
use crate::platform;

/// A running feed; the other hooks select from it.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    state: CopyValue<State>,
    pub(super) layout: Signal<Layout>,
    pub(super) stats: Signal<Stats>,
    pub(super) history: Signal<ChartHistory>,
    pub(super) alerts: Signal<Alerts>,
    pub(super) connection: Signal<Connection>,
    pub(super) newer_page: Signal<bool>,
}

/// What the feed brought so far. It is kept outside of the signals: messages
/// change it as they come, and nobody is told before the next frame.
struct State {
    model: Model,
    connection: Connection,
    newer_page: bool,
}

impl State {
    fn new() -> Self {
        Self {
            model: Model::new(Layout::default()),
            connection: Connection::default(),
            newer_page: false,
        }
    }

    fn take(&mut self, event: FeedEvent) {
        match event {
            FeedEvent::Connection(connection) => self.connection = connection,
            FeedEvent::Update(update) => self.model.apply(update, platform::now()),
            FeedEvent::ChannelChanged => self.model.clear(),
            FeedEvent::Layout(layout) if layout == *self.model.layout() => {}
            FeedEvent::Layout(layout) => self.model.set_layout(layout),
            FeedEvent::NewerPage => self.newer_page = true,
        }
    }
}

impl Feed {
    fn new() -> Self {
        let State {
            model,
            connection,
            newer_page,
        } = State::new();
        Self {
            layout: Signal::new(model.layout().clone()),
            stats: Signal::new(model.stats().clone()),
            history: Signal::new(model.history().clone()),
            alerts: Signal::new(model.alerts().clone()),
            connection: Signal::new(connection.clone()),
            newer_page: Signal::new(newer_page),
            state: CopyValue::new(State {
                model,
                connection,
                newer_page,
            }),
        }
    }

    async fn run(mut self, config: Config) {
        self.state.set(State::new());
        let frame_ahead = CopyValue::new(false);
        self.publish_with_next_frame(frame_ahead);
        let endpoints = Endpoints {
            token_url: config.token_url().into(),
            socket_url: config.socket_url().into(),
            dashboard: config.dashboard().map(Into::into),
        };
        feed::run(endpoints, move |event| {
            self.state.write().take(event);
            self.publish_with_next_frame(frame_ahead);
        })
        .await;
    }

    /// Tells the components, once, however much comes until the next frame.
    fn publish_with_next_frame(self, mut frame_ahead: CopyValue<bool>) {
        if frame_ahead.replace(true) {
            return;
        }
        spawn(async move {
            platform::next_frame().await;
            frame_ahead.set(false);
            self.publish();
        });
    }

    fn publish(self) {
        let state = self.state.read();
        publish(self.layout, state.model.layout());
        publish(self.stats, state.model.stats());
        publish(self.history, state.model.history());
        publish(self.alerts, state.model.alerts());
        publish(self.connection, &state.connection);
        publish(self.newer_page, &state.newer_page);
    }
}

/// Only a change is news to who reads the slice.
fn publish<T: Clone + PartialEq + 'static>(mut slice: Signal<T>, value: &T) {
    if *slice.peek() != *value {
        slice.set(value.clone());
    }
}

/// Keeps a connection to the hub for as long as the component is there, and
/// what it brings; another config starts afresh.
pub fn use_feed(config: Config) -> Feed {
    let feed = use_hook(Feed::new);
    let mut running = use_hook(|| CopyValue::new(None::<(Config, Task)>));
    let current = running
        .read()
        .as_ref()
        .is_some_and(|(running, _)| *running == config);
    if !current {
        let task = spawn(feed.run(config.clone()));
        if let Some((_, old)) = running.replace(Some((config, task))) {
            old.cancel();
        }
    }
    feed
}
