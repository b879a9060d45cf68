//! The feed as a hook: events are folded into the model at once and published
//! to signals once per frame.

use dioxus::core::Task;
use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::token::DashboardName;

use crate::config::Config;
use crate::feed;
use crate::model::{Activity, Alerts, Changed, ChartHistory, Connection, Model, Slice, Stats};
use crate::platform;

/// A running feed: a signal for each slice of the model.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    pub(crate) layout: Signal<Layout>,
    pub(crate) stats: Signal<Stats>,
    pub(crate) history: Signal<ChartHistory>,
    pub(crate) alerts: Signal<Alerts>,
    pub(crate) activity: Signal<Activity>,
    pub(crate) connection: Signal<Connection>,
    /// The hub's dashboards, and whether the viewer must choose one.
    pub(crate) dashboards: Signal<(Vec<DashboardName>, bool)>,
    pub(crate) new_page_version: Signal<bool>,
    /// The model, which events change at once, and the slices that changed since
    /// the last frame.
    model: CopyValue<(Model, Changed)>,
    running: CopyValue<Option<(Config, Task)>>,
}

impl Feed {
    fn new() -> Self {
        let model = Model::default();
        Self {
            layout: Signal::new(model.layout().clone()),
            stats: Signal::new(model.stats().clone()),
            history: Signal::new(model.history().clone()),
            alerts: Signal::new(model.alerts().clone()),
            activity: Signal::new(model.activity()),
            connection: Signal::new(model.connection().clone()),
            dashboards: Signal::new(Default::default()),
            new_page_version: Signal::new(false),
            model: CopyValue::new((model, Changed::NOTHING)),
            running: CopyValue::new(None),
        }
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

    /// Connects again and keeps the model.
    pub(super) fn restart(self) {
        if let Some(config) = self.config() {
            self.start(config);
        }
    }

    async fn run(self, config: Config) {
        let scheduled = CopyValue::new(false);
        self.publish_in_next_frame(scheduled);
        let mut model = self.model;
        feed::run(config.endpoints(), move |event| {
            let (model, changed) = &mut *model.write();
            *changed |= model.apply(event);
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

    /// Sets the signals of the slices that changed. While a backlog is read,
    /// nothing is published: only its end is drawn.
    fn publish(mut self) {
        let (model, changed) = &mut *self.model.write();
        if model.is_behind() {
            return;
        }
        for slice in Slice::ALL {
            if !changed.contains(slice) {
                continue;
            }
            match slice {
                Slice::Layout => self.layout.set(model.layout().clone()),
                Slice::Stats => self.stats.set(model.stats().clone()),
                Slice::History => self.history.set(model.history().clone()),
                Slice::Alerts => self.alerts.set(model.alerts().clone()),
                Slice::Activity => self.activity.set(model.activity()),
                Slice::Connection => self.connection.set(model.connection().clone()),
                Slice::Dashboards => {
                    let dashboards = model.dashboards().to_vec();
                    self.dashboards.set((dashboards, model.must_choose()));
                }
                Slice::PageVersion => self.new_page_version.set(model.new_page_version()),
            }
        }
        *changed = Changed::NOTHING;
    }
}

/// Keeps a connection to the hub while the component is mounted. With another
/// config it starts over with an empty model.
pub fn use_feed(config: Config) -> Feed {
    let mut feed = use_hook(Feed::new);
    let running = feed.config();
    if running.as_ref() != Some(&config) {
        if running.is_some() {
            feed.model.set((Model::default(), Changed::ALL));
        }
        feed.start(config);
    }
    feed
}
