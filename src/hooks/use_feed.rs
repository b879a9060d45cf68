//! The feed as a hook: folded into the model at once, published once a frame.

use dioxus::core::Task;
use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use crate::config::Config;
use crate::feed::{self, FeedEvent};
use crate::model::{Connection, Model, Update};
use crate::platform;

/// A running feed; the other hooks select from it.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    state: CopyValue<State>,
    /// The config that it runs with, and what runs.
    running: CopyValue<Option<(Config, Task)>>,
    /// For each slice a number that grows with each frame that it changed for.
    frames: [Signal<u32>; Slice::ALL.len()],
}

/// What the feed brought so far. It is kept outside of the signals: messages
/// change it as they come, and nobody is told before the next frame.
pub(super) struct State {
    pub(super) model: Model,
    pub(super) connection: Connection,
    pub(super) dashboards: Vec<DashboardName>,
    pub(super) choosing: bool,
    pub(super) newer_page: bool,
    /// A backlog is being read.
    behind: bool,
    /// Which slices changed since the last frame.
    changed: [bool; Slice::ALL.len()],
}

/// A part of the state that has its readers.
#[derive(Clone, Copy)]
pub(super) enum Slice {
    Layout,
    Stats,
    History,
    Alerts,
    Connection,
    Dashboards,
    NewerPage,
}

impl Slice {
    const ALL: [Self; 7] = [
        Self::Layout,
        Self::Stats,
        Self::History,
        Self::Alerts,
        Self::Connection,
        Self::Dashboards,
        Self::NewerPage,
    ];
}

impl State {
    /// Nothing learned yet.
    fn new() -> Self {
        Self {
            model: Model::new(Layout::default()),
            connection: Connection::default(),
            dashboards: Vec::new(),
            choosing: false,
            newer_page: false,
            behind: false,
            changed: [false; Slice::ALL.len()],
        }
    }

    fn take(&mut self, event: FeedEvent) {
        let changed: &[Slice] = match &event {
            FeedEvent::Update(Update::Stats(_), _) => &[Slice::Stats],
            FeedEvent::Update(Update::Point(_), _) => &[Slice::History],
            FeedEvent::Update(Update::Alert(_), _) => &[Slice::Alerts],
            FeedEvent::Update(Update::Malformed, _) => &[],
            FeedEvent::CaughtUp { .. } => &[Slice::History],
            FeedEvent::ChannelChanged => &[Slice::Stats, Slice::History, Slice::Alerts],
            FeedEvent::Shift(_) => &[Slice::Stats, Slice::Alerts],
            FeedEvent::Behind(_) => &[],
            FeedEvent::Layout(layout) if layout == self.model.layout() => return,
            FeedEvent::Layout(_) => &[Slice::Layout, Slice::Stats, Slice::History],
            FeedEvent::Connection(_) => &[Slice::Connection],
            FeedEvent::Dashboards(_) | FeedEvent::Choice => &[Slice::Dashboards],
            FeedEvent::NewerPage => &[Slice::NewerPage],
        };
        for slice in changed {
            self.changed[*slice as usize] = true;
        }
        match event {
            FeedEvent::Update(update, stamp) => self.model.apply(update, stamp),
            FeedEvent::CaughtUp { after, complete } if complete => self.model.mend_after(after),
            FeedEvent::CaughtUp { after, .. } => self.model.break_after(after),
            FeedEvent::Shift(milliseconds) => self.model.shift(milliseconds),
            FeedEvent::Behind(behind) => self.behind = behind,
            FeedEvent::ChannelChanged => self.model.clear(),
            FeedEvent::Layout(layout) => self.model.set_layout(layout),
            FeedEvent::Connection(connection) => self.connection = connection,
            FeedEvent::Dashboards(dashboards) => self.dashboards = dashboards,
            FeedEvent::Choice => self.choosing = true,
            FeedEvent::NewerPage => self.newer_page = true,
        }
    }
}

impl Feed {
    fn new() -> Self {
        Self {
            state: CopyValue::new(State::new()),
            running: CopyValue::new(None),
            frames: Slice::ALL.map(|_| Signal::new(0)),
        }
    }

    /// A slice of the state; the component is rendered anew when it changes.
    pub(super) fn read<T>(self, slice: Slice, get: impl FnOnce(&State) -> T) -> T {
        let _ = self.frames[slice as usize].read();
        get(&self.state.read())
    }

    /// Begins afresh, which is news to everyone.
    fn forget(mut self) {
        self.state.set(State {
            changed: [true; Slice::ALL.len()],
            ..State::new()
        });
    }

    fn config(self) -> Option<Config> {
        let running = self.running.read();
        running.as_ref().map(|(config, _)| config.clone())
    }

    /// Runs in place of what ran before.
    fn start(mut self, config: Config) {
        let task = spawn(self.run(config.clone()));
        if let Some((_, old)) = self.running.replace(Some((config, task))) {
            old.cancel();
        }
    }

    /// Begins with a connection once more; what is known stays.
    pub(super) fn start_again(self) {
        if let Some(config) = self.config() {
            self.start(config);
        }
    }

    async fn run(self, config: Config) {
        let frame_ahead = CopyValue::new(false);
        self.publish_with_next_frame(frame_ahead);
        let mut state = self.state;
        feed::run(config.endpoints(), move |event| {
            state.write().take(event);
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

    /// Of a backlog only the end is drawn.
    fn publish(mut self) {
        if self.state.read().behind {
            return;
        }
        let changed = std::mem::take(&mut self.state.write().changed);
        for (mut frame, changed) in self.frames.into_iter().zip(changed) {
            if changed {
                frame += 1;
            }
        }
    }
}

/// Keeps a connection to the hub for as long as the component is there, and
/// what it brings; another config starts afresh.
pub fn use_feed(config: Config) -> Feed {
    let feed = use_hook(Feed::new);
    if feed.config().as_ref() != Some(&config) {
        let afresh = feed.config().is_some();
        feed.start(config);
        if afresh {
            feed.forget();
        }
    }
    feed
}
