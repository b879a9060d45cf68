//! The feed as a hook: events are folded into the model at once, and signals
//! tell the components once per frame which slices changed.

use dioxus::core::{Subscribers, Task};
use dioxus::prelude::*;
use dioxus::signals::{BorrowError, ReadableRef, UnsyncStorage};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use crate::config::Config;
use crate::feed;
use crate::model::{
    Activity, Alerts, Changed, ChartHistory, Connection, Model, PreviousStats, Slice, Stats,
};
use crate::platform;

/// A running feed: a signal for each slice of the model.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    pub(crate) layout: ReadSignal<Layout>,
    pub(crate) stats: ReadSignal<Stats>,
    pub(crate) previous_stats: ReadSignal<PreviousStats>,
    pub(crate) history: ReadSignal<ChartHistory>,
    pub(crate) alerts: ReadSignal<Alerts>,
    pub(crate) activity: ReadSignal<Activity>,
    pub(crate) connection: ReadSignal<Connection>,
    pub(crate) dashboards: ReadSignal<Vec<DashboardName>>,
    pub(crate) must_choose: ReadSignal<bool>,
    pub(crate) new_page_version: ReadSignal<bool>,
    core: Core,
}

/// What a feed consists of.
#[derive(Clone, Copy, PartialEq)]
struct Core {
    model: CopyValue<Model>,
    /// The slices that changed since the last frame.
    changed: CopyValue<Changed>,
    /// The number of frames in which each slice changed.
    frames: [Signal<u32>; Slice::ALL.len()],
    running: CopyValue<Option<(Config, Task)>>,
}

/// The model as a signal that changes with one slice. The slices are references
/// into the model, so that nothing is copied to be published.
#[derive(Clone, Copy)]
struct Watched {
    model: CopyValue<Model>,
    frame: Signal<u32>,
}

impl Readable for Watched {
    type Target = Model;
    type Storage = UnsyncStorage;

    fn try_read_unchecked(&self) -> Result<ReadableRef<'static, Self>, BorrowError> {
        let _subscribed = self.frame.try_read_unchecked()?;
        self.model.try_read_unchecked()
    }

    fn try_peek_unchecked(&self) -> Result<ReadableRef<'static, Self>, BorrowError> {
        self.model.try_peek_unchecked()
    }

    fn subscribers(&self) -> Subscribers {
        self.frame.subscribers()
    }
}

impl Core {
    fn slice<T: 'static>(self, slice: Slice, get: fn(&Model) -> &T) -> ReadSignal<T> {
        let watched = Watched {
            model: self.model,
            frame: self.frames[slice as usize],
        };
        ReadSignal::new(watched.map(get))
    }

    fn config(self) -> Option<Config> {
        let running = self.running.read();
        running.as_ref().map(|(config, _)| config.clone())
    }

    /// Runs a feed with this config instead of the one that is running.
    fn start(mut self, config: Config) {
        let task = spawn(self.run(config.clone()));
        if let Some((_, old)) = self.running.replace(Some((config, task))) {
            old.cancel();
        }
    }

    async fn run(mut self, config: Config) {
        let scheduled = CopyValue::new(false);
        self.publish_in_next_frame(scheduled);
        feed::run(config.endpoints(), move |event| {
            let changed = self.model.write().apply(event);
            *self.changed.write() |= changed;
            self.publish_in_next_frame(scheduled);
        })
        .await;
    }

    fn publish_in_next_frame(self, mut scheduled: CopyValue<bool>) {
        if scheduled.replace(true) {
            return;
        }
        spawn(async move {
            platform::next_frame().await;
            scheduled.set(false);
            self.publish();
        });
    }

    /// Tells the components which slices changed. While a backlog is read they
    /// are told nothing: only its end is drawn.
    fn publish(mut self) {
        if self.model.read().is_behind() {
            return;
        }
        let changed = self.changed.replace(Changed::NOTHING);
        for (slice, mut frame) in Slice::ALL.into_iter().zip(self.frames) {
            if changed.contains(slice) {
                frame += 1;
            }
        }
    }
}

fn flag(on: bool) -> &'static bool {
    if on { &true } else { &false }
}

impl Feed {
    fn new() -> Self {
        let core = Core {
            model: CopyValue::new(Model::default()),
            changed: CopyValue::new(Changed::NOTHING),
            frames: Slice::ALL.map(|_| Signal::new(0)),
            running: CopyValue::new(None),
        };
        Self {
            layout: core.slice(Slice::Layout, Model::layout),
            stats: core.slice(Slice::Stats, Model::stats),
            previous_stats: core.slice(Slice::Stats, |model| model.stats().previous()),
            history: core.slice(Slice::History, Model::history),
            alerts: core.slice(Slice::Alerts, Model::alerts),
            activity: core.slice(Slice::Activity, Model::activity),
            connection: core.slice(Slice::Connection, Model::connection),
            dashboards: core.slice(Slice::Dashboards, Model::dashboards),
            must_choose: core.slice(Slice::Dashboards, |model| flag(model.must_choose())),
            new_page_version: core
                .slice(Slice::PageVersion, |model| flag(model.new_page_version())),
            core,
        }
    }

    /// Connects again and keeps the model.
    pub(super) fn restart(self) {
        if let Some(config) = self.core.config() {
            self.core.start(config);
        }
    }
}

/// Keeps a connection to the hub while the component is mounted. With another
/// config it starts over with an empty model.
pub fn use_feed(config: Config) -> Feed {
    let feed = use_hook(Feed::new);
    let mut core = feed.core;
    let running = core.config();
    if running.as_ref() != Some(&config) {
        if running.is_some() {
            core.model.set(Model::default());
            core.changed.set(Changed::ALL);
        }
        core.start(config);
    }
    feed
}
