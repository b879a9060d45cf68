//! The feed as a hook: events are folded into the model at once, and signals
//! tell the components which slices changed, no more often than people can read.

use std::time::Duration;

use dioxus::core::{Subscribers, Task};
use dioxus::prelude::*;
use dioxus::signals::{BorrowError, ReadableRef, UnsyncStorage};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use super::{use_side_effect, use_visibility};
use crate::config::Config;
use crate::feed;
use crate::model::{Alerts, Changed, ChartHistory, Connection, Model, PreviousStats, Slice, Stats};
use crate::platform;

/// A running feed: a signal for each slice of the model.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    pub(crate) layout: ReadSignal<Layout>,
    pub(crate) stats: ReadSignal<Stats>,
    pub(crate) previous_stats: ReadSignal<PreviousStats>,
    pub(crate) history: ReadSignal<ChartHistory>,
    pub(crate) alerts: ReadSignal<Alerts>,
    pub(crate) connection: ReadSignal<Connection>,
    pub(crate) dashboards: ReadSignal<Vec<DashboardName>>,
    pub(crate) must_choose: ReadSignal<bool>,
    pub(crate) new_page_version: ReadSignal<bool>,
    /// The viewer's clock, in milliseconds since the Unix epoch, to the second.
    pub(crate) now: Signal<f64>,
    /// Whether the viewer can see the page.
    pub(crate) visible: Signal<bool>,
    /// The model, also while nothing is drawn: for side effects.
    pub(crate) latest: ReadSignal<Model>,
    model: CopyValue<Model>,
    /// The slices that changed since the last draw.
    changed: CopyValue<Changed>,
    /// The number of draws in which each slice changed.
    draws: [Signal<u32>; Slice::ALL.len()],
    /// The number of publications, whether or not they were drawn.
    published: Signal<u32>,
    /// When that was last, in milliseconds by the monotonic clock.
    published_at: CopyValue<f64>,
    scheduled: CopyValue<bool>,
    running: CopyValue<Option<(Config, Task)>>,
}

/// The model as a signal that changes with a counter. Slices are references into
/// the model, so that nothing is copied to be published.
#[derive(Clone, Copy)]
struct Watched {
    model: CopyValue<Model>,
    counter: Signal<u32>,
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
        let _subscribed = self.counter.try_read_unchecked()?;
        self.model.try_read_unchecked()
    }

    fn try_peek_unchecked(&self) -> Result<ReadableRef<'static, Self>, BorrowError> {
        self.model.try_peek_unchecked()
    }

    fn subscribers(&self) -> Subscribers {
        self.counter.subscribers()
    }
}

impl Feed {
    fn new(visible: Signal<bool>) -> Self {
        let model = CopyValue::new(Model::default());
        let draws = Slice::ALL.map(|_| Signal::new(0));
        let published = Signal::new(0);
        let watch = |slice| Watched {
            model,
            counter: draws[slice as usize],
        };
        let latest = Watched {
            model,
            counter: published,
        };
        Self {
            layout: watch(Slice::Layout).slice(Model::layout),
            stats: watch(Slice::Stats).slice(Model::stats),
            previous_stats: watch(Slice::Stats).slice(|model| model.stats().previous()),
            history: watch(Slice::History).slice(Model::history),
            alerts: watch(Slice::Alerts).slice(Model::alerts),
            connection: watch(Slice::Connection).slice(Model::connection),
            dashboards: watch(Slice::Dashboards).slice(Model::dashboards),
            must_choose: watch(Slice::Dashboards).slice(Model::must_choose),
            new_page_version: watch(Slice::PageVersion).slice(Model::new_page_version),
            now: Signal::new(platform::now()),
            visible,
            latest: ReadSignal::new(latest),
            model,
            changed: CopyValue::new(Changed::NOTHING),
            draws,
            published,
            published_at: CopyValue::new(f64::NEG_INFINITY),
            scheduled: CopyValue::new(false),
            running: CopyValue::new(None),
        }
    }

    /// Runs a feed with this config instead of the one that is running.
    fn start(mut self, config: Config) {
        let task = spawn(self.run(config.clone()));
        if let Some((_, old)) = self.running.replace(Some((config, task))) {
            old.cancel();
        }
    }

    /// Connects again and keeps the model.
    pub(super) fn restart(mut self) {
        let running = self.running.take();
        if let Some((config, task)) = running {
            task.cancel();
            self.start(config);
        }
    }

    async fn run(mut self, config: Config) {
        self.schedule();
        feed::run(config.endpoints(), move |event| {
            let changed = self.model.write().apply(event);
            self.changed.with_mut(|all| *all = *all | changed);
            self.schedule();
        })
        .await;
    }

    /// Publishes the model soon: after a quiet time at once, else as soon as the
    /// layout's `max_fps` allows.
    fn schedule(mut self) {
        if self.scheduled.replace(true) {
            return;
        }
        spawn(async move {
            let pace = 1000.0 / f64::from(self.model.read().layout().max_fps);
            let due = *self.published_at.read() + pace;
            let pause = (due - platform::monotonic()).ceil();
            if pause > 0.0 {
                platform::sleep(Duration::from_millis(pause as u64)).await;
            }
            self.scheduled.set(false);
            self.publish();
        });
    }

    /// Tells side effects that the model may have changed, and the components,
    /// while the page is visible, which slices did. While a backlog is read they
    /// are told nothing: only its end is drawn.
    fn publish(mut self) {
        self.published_at.set(platform::monotonic());
        if self.model.read().is_behind() {
            return;
        }
        self.published += 1;
        if !*self.visible.peek() {
            return;
        }
        let now = platform::now();
        if (now - *self.now.peek()).abs() >= SECOND {
            self.now.set(now);
        }
        let changed = self.changed.replace(Changed::NOTHING);
        for (slice, mut draw) in Slice::ALL.into_iter().zip(self.draws) {
            if changed.contains(slice) {
                draw += 1;
            }
        }
    }
}

/// The step of [`Feed::now`], in milliseconds; a little less than a second,
/// because timers are not exact.
const SECOND: f64 = 990.0;

/// Keeps a connection to the hub while the component is mounted. With another
/// config it starts over with an empty model.
///
/// The signals change at most `max_fps` times a second, and not while the page is
/// hidden.
pub fn use_feed(config: Config) -> Feed {
    let visible = use_visibility();
    let mut feed = use_hook(|| {
        let feed = Feed::new(visible);
        spawn(async move {
            loop {
                platform::sleep(Duration::from_secs(1)).await;
                feed.schedule();
            }
        });
        feed
    });
    use_side_effect(move || {
        if *visible.read() {
            feed.publish();
        }
    });
    let running = feed
        .running
        .read()
        .as_ref()
        .map(|(running, _)| *running == config);
    if running != Some(true) {
        if running.is_some() {
            feed.model.set(Model::default());
            feed.changed.set(Changed::ALL);
        }
        feed.start(config);
    }
    feed
}
