//! The feed as hooks: events are folded into the model at once, and signals tell
//! the components which slices changed, no more often than people can read.

use std::time::Duration;

use dioxus::core::{Subscribers, Task};
use dioxus::prelude::*;
use dioxus::signals::{BorrowError, ReadableRef, UnsyncStorage};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use super::{use_side_effect, use_value, use_visibility};
use crate::config::Config;
use crate::feed::{self, HeadStart};
use crate::model::{
    Alerts, Changed, ChartHistory, Connection, Event, Model, PreviousStats, Reach, Slice, Stats,
    Unshown,
};
use crate::platform;

/// A running feed: a signal for each slice of the model.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    pub(crate) layout: ReadSignal<Layout>,
    pub(crate) stats: ReadSignal<Stats>,
    pub(crate) samples: ReadSignal<Stats>,
    pub(crate) previous_stats: ReadSignal<PreviousStats>,
    pub(crate) history: ReadSignal<ChartHistory>,
    pub(crate) alerts: ReadSignal<Alerts>,
    pub(crate) unshown: ReadSignal<Unshown>,
    pub(crate) connection: ReadSignal<Connection>,
    pub(crate) dashboards: ReadSignal<Vec<DashboardName>>,
    pub(crate) must_choose: ReadSignal<bool>,
    pub(crate) reach: ReadSignal<Reach>,
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
    numbers: Pace,
    pictures: Pace,
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
    fn new(visible: Signal<bool>, model: Model, now: f64) -> Self {
        let model = CopyValue::new(model);
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
            samples: watch(Slice::Samples).slice(Model::stats),
            previous_stats: watch(Slice::Stats).slice(|model| model.stats().previous()),
            history: watch(Slice::History).slice(Model::history),
            alerts: watch(Slice::Alerts).slice(Model::alerts),
            unshown: watch(Slice::Unshown).slice(Model::unshown),
            connection: watch(Slice::Connection).slice(Model::connection),
            dashboards: watch(Slice::Dashboards).slice(Model::dashboards),
            must_choose: watch(Slice::Dashboards).slice(Model::must_choose),
            reach: watch(Slice::Reach).slice(Model::reach),
            new_page_version: watch(Slice::PageVersion).slice(Model::new_page_version),
            now: Signal::new(now),
            visible,
            latest: ReadSignal::new(latest),
            model,
            changed: CopyValue::new(Changed::NOTHING),
            draws,
            published,
            numbers: Pace::new(1.0),
            pictures: Pace::new(5.0),
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

    async fn run(self, config: Config, head_start: Option<HeadStart>) {
        feed::run(config.endpoints(), head_start, move |event| {
            self.apply(event)
        })
        .await;
    }

    /// Folds an event into the model.
    pub(super) fn apply(mut self, event: Event) {
        let changed = self.model.write().apply(event);
        self.schedule(changed);
    }

    /// Publishes these changes soon: after a quiet time at once, else as soon as
    /// people can take them in. The state of the connection changes rarely, and does
    /// not wait.
    fn schedule(mut self, changed: Changed) {
        let all = *self.changed.read() | changed;
        self.changed.set(all);
        if changed.contains(Slice::Connection) {
            self.publish();
        }
        let all = *self.changed.read();
        let numbers = all.without(Changed::PICTURES);
        if numbers != Changed::NOTHING {
            self.schedule_at(self.numbers);
        }
        if numbers != all {
            self.schedule_at(self.pictures);
        }
    }

    fn schedule_at(self, mut pace: Pace) {
        if pace.scheduled.replace(true) {
            return;
        }
        spawn(async move {
            let due = self.next_at(pace).max(self.next_at(self.numbers));
            let pause = (due - platform::monotonic()).ceil();
            if pause > 0.0 {
                platform::sleep(Duration::from_millis(pause as u64)).await;
            }
            pace.scheduled.set(false);
            if self.next_at(self.numbers) <= platform::monotonic() {
                self.publish();
            } else {
                // The other pace was faster, and may have published these changes.
                self.schedule(Changed::NOTHING);
            }
        });
    }

    /// When the next publication at this pace is due, in milliseconds by the
    /// monotonic clock.
    fn next_at(self, pace: Pace) -> f64 {
        let max_fps = f64::from(self.model.read().layout().max_fps);
        *pace.published_at.read() + (1000.0 / max_fps * pace.factor).min(1000.0)
    }

    /// Tells side effects that the model may have changed, and the components,
    /// while the page is visible, which slices did. While a backlog is read they
    /// are told nothing: only its end is drawn.
    fn publish(mut self) {
        let now = platform::monotonic();
        if self.model.read().is_behind() {
            return;
        }
        if *self.changed.read() != Changed::NOTHING {
            self.numbers.published_at.set(now);
        }
        self.published += 1;
        if !*self.visible.peek() {
            return;
        }
        let time = platform::now();
        if (time - *self.now.peek()).abs() >= SECOND {
            self.now.set(time);
        }
        let all = *self.changed.read();
        // Pictures that are nearly due come now, and need no draw of their own.
        let soon = (self.next_at(self.numbers) - now) / 2.0;
        let numbers = all.without(Changed::PICTURES);
        let drawn = if numbers != all && self.next_at(self.pictures) <= now + soon {
            self.pictures.published_at.set(now);
            all
        } else {
            numbers
        };
        self.changed.set(all.without(drawn));
        for (slice, mut draw) in Slice::ALL.into_iter().zip(self.draws) {
            if drawn.contains(slice) {
                draw += 1;
            }
        }
    }
}

/// How often something is drawn.
#[derive(Clone, Copy, PartialEq)]
struct Pace {
    /// The interval, as a multiple of the one that `max_fps` gives; at most a second.
    factor: f64,
    /// The last publication, in milliseconds by the monotonic clock.
    published_at: CopyValue<f64>,
    scheduled: CopyValue<bool>,
}

impl Pace {
    fn new(factor: f64) -> Self {
        Self {
            factor,
            published_at: CopyValue::new(f64::NEG_INFINITY),
            scheduled: CopyValue::new(false),
        }
    }
}

/// The step of [`Feed::now`], in milliseconds; a little less than a second,
/// because timers are not exact.
const SECOND: f64 = 990.0;

/// Keeps a connection to the hub while the component is mounted. With another
/// config it starts over with an empty model.
///
/// The signals change at most `max_fps` times a second, those of pictures and lists
/// a fifth as often but at least once a second if there is something new, and none
/// while the page is hidden.
pub fn use_feed(config: Config) -> Feed {
    use_feed_from(config, None)
}

/// The same; the first config's feed continues from what the hub drew.
pub(crate) fn use_feed_from(config: Config, head_start: Option<HeadStart>) -> Feed {
    let visible = use_visibility();
    let mut feed = use_value(|| {
        let feed = match &head_start {
            Some(drawn) => Feed::new(visible, drawn.model(&config.endpoints()), drawn.arrived_at),
            None => Feed::new(visible, Model::default(), platform::now()),
        };
        spawn(async move {
            loop {
                platform::sleep(Duration::from_secs(1)).await;
                feed.schedule_at(feed.numbers);
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
    match running {
        Some(true) => {}
        Some(false) => {
            feed.model.set(Model::default());
            feed.start(config, None);
            feed.schedule(Changed::ALL);
        }
        None => feed.start(config, head_start),
    }
    feed
}

/// The metrics' current and recent values.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_stats};
///
/// #[component]
/// fn Users(feed: Feed) -> Element {
///     let stats = use_stats(feed);
///     let users = stats.read().get("activeUsers").map(|users| users.value);
///     rsx! {
///         p { "Active users: {users:?}" }
///     }
/// }
/// ```
pub fn use_stats(feed: Feed) -> ReadSignal<Stats> {
    feed.stats
}

/// The metrics' values before their latest update, to tell a trend.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_previous_stats, use_stats};
///
/// #[component]
/// fn UsersTrend(feed: Feed) -> Element {
///     let (stats, previous) = (use_stats(feed), use_previous_stats(feed));
///     let users = stats.read().get("activeUsers").map(|users| users.value);
///     let rose = users > previous.read().get("activeUsers");
///     rsx! {
///         p { if rose { "rising" } else { "not rising" } }
///     }
/// }
/// ```
pub fn use_previous_stats(feed: Feed) -> ReadSignal<PreviousStats> {
    feed.previous_stats
}

/// The points of the layout's charts in the last hour, and the gaps between
/// them.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_chart_history};
/// use live_dashboard_protocol::layout::Chart;
///
/// #[component]
/// fn PointCount(feed: Feed, chart: Chart) -> Element {
///     let history = use_chart_history(feed);
///     let count = history.read().latest(&chart).len();
///     rsx! {
///         p { "{count} points" }
///     }
/// }
/// ```
pub fn use_chart_history(feed: Feed) -> ReadSignal<ChartHistory> {
    feed.history
}

/// The newest alerts, newest first.
///
/// ```
/// use dioxus::prelude::*;
/// use live_dashboard::hooks::{Feed, use_alerts};
///
/// #[component]
/// fn Latest(feed: Feed) -> Element {
///     let alerts = use_alerts(feed);
///     let messages = alerts.read();
///     let messages = messages.newest(5).iter().map(|entry| &entry.alert.message);
///     rsx! {
///         ul {
///             for message in messages {
///                 li { "{message}" }
///             }
///         }
///     }
/// }
/// ```
pub fn use_alerts(feed: Feed) -> ReadSignal<Alerts> {
    feed.alerts
}
