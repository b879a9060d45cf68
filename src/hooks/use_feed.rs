//! The feed as a hook: events are folded into the model at once, and signals
//! tell the components once per frame which slices changed.

use dioxus::core::{Subscribers, Task};
use dioxus::prelude::*;
use dioxus::signals::{BorrowError, ReadableRef, UnsyncStorage};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use crate::config::Config;
use crate::feed::{self, HeadStart};
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
    pub(super) model: CopyValue<Model>,
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

impl Watched {
    fn slice<T: 'static>(self, get: fn(&Model) -> &T) -> ReadSignal<T> {
        ReadSignal::new(self.map(get))
    }
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

impl Feed {
    fn new(model: Model) -> Self {
        let model = CopyValue::new(model);
        let frames = Slice::ALL.map(|_| Signal::new(0));
        let watch = |slice| Watched {
            model,
            frame: frames[slice as usize],
        };
        Self {
            layout: watch(Slice::Layout).slice(Model::layout),
            stats: watch(Slice::Stats).slice(Model::stats),
            previous_stats: watch(Slice::Stats).slice(|model| model.stats().previous()),
            history: watch(Slice::History).slice(Model::history),
            alerts: watch(Slice::Alerts).slice(Model::alerts),
            activity: watch(Slice::Activity).slice(Model::activity),
            connection: watch(Slice::Connection).slice(Model::connection),
            dashboards: watch(Slice::Dashboards).slice(Model::dashboards),
            must_choose: watch(Slice::Dashboards).slice(Model::must_choose),
            new_page_version: watch(Slice::PageVersion).slice(Model::new_page_version),
            model,
            changed: CopyValue::new(Changed::NOTHING),
            frames,
            running: CopyValue::new(None),
        }
    }

    /// Runs a feed with this config instead of the one that is running.
    fn start(mut self, config: Config, head_start: Option<HeadStart>) {
        let task = spawn(self.run(config.clone(), head_start));
        if let Some((_, old)) = self.running.replace(Some((config, task))) {
            old.cancel();
        }
    }

    /// Connects again and keeps the model.
    pub(super) fn restart(mut self) {
        let running = self.running.take();
        if let Some((config, task)) = running {
            task.cancel();
            self.start(config, None);
        }
    }

    async fn run(mut self, config: Config, head_start: Option<HeadStart>) {
        let scheduled = CopyValue::new(false);
        self.publish_in_next_frame(scheduled);
        feed::run(config.endpoints(), head_start, move |event| {
            let changed = self.model.write().apply(event);
            self.changed.with_mut(|all| *all = *all | changed);
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

/// Keeps a connection to the hub while the component is mounted. With another
/// config it starts over with an empty model.
pub fn use_feed(config: Config) -> Feed {
    use_feed_from(config, None)
}

/// The same; the first config's feed continues from what the hub drew.
pub(crate) fn use_feed_from(config: Config, head_start: Option<HeadStart>) -> Feed {
    let mut feed = use_hook(|| {
        let drawn = head_start.as_ref();
        Feed::new(drawn.map_or_else(Model::default, |drawn| drawn.model(&config.endpoints())))
    });
    let running = feed
        .running
        .read()
        .as_ref()
        .map(|(running, _)| *running == config);
    match running {
        Some(true) => {}
        Some(false) => {
            feed.model.set(Model::default());
            feed.changed.set(Changed::ALL);
            feed.start(config, None);
        }
        None => feed.start(config, head_start),
    }
    feed
}
