//! A runner for each dashboard, begun and ended as their files change.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::rules::Rules;
use super::runner::{Ear, Runner};
use crate::dashboards::Dashboard;
use crate::hub::Hub;

/// A runner's task, until it is dropped.
struct Running {
    rules: Arc<Rules>,
    dashboard: Arc<Dashboard>,
    stop: CancellationToken,
    task: AbortOnDropHandle<Arc<Ear>>,
}

/// Raises and resolves the alerts of all dashboards, until it is dropped.
pub(crate) async fn run(hub: Arc<Hub>) {
    let mut changes = hub.dashboards().changes();
    let mut running: Vec<Running> = Vec::new();
    loop {
        changes.borrow_and_update();
        let mut new = (*hub.dashboards().current()).clone();
        let mut next = Vec::new();
        for one in running {
            let now = new.get(&one.rules.dashboard);
            let now = now
                .filter(|now| now.alerting.channel == one.rules.channel)
                .cloned();
            if let Some(now) = &now {
                new.remove(&one.rules.dashboard);
                if now.alerting == one.rules {
                    next.push(one);
                    continue;
                }
            }
            // Its successor begins where it ends: with other rules, or with none, until
            // nothing fires.
            let (rules, dashboard) = match now {
                Some(now) => (Arc::clone(&now.alerting), now),
                None if one.rules.is_empty() && one.task.is_finished() => continue,
                None => (Arc::new(one.rules.none()), Arc::clone(&one.dashboard)),
            };
            let ear = one.end().await;
            next.push(Running::start(&hub, rules, dashboard, ear));
        }
        let new = new.into_values();
        next.extend(new.map(|one| Running::start(&hub, Arc::clone(&one.alerting), one, None)));
        running = next;
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

impl Running {
    fn start(
        hub: &Arc<Hub>,
        rules: Arc<Rules>,
        dashboard: Arc<Dashboard>,
        before: Option<Arc<Ear>>,
    ) -> Self {
        let stop = CancellationToken::new();
        let (hub, own) = (Arc::clone(hub), Arc::clone(&dashboard));
        let runner = Runner::new(hub, Arc::clone(&rules), own, before);
        let task = tokio::spawn(runner.run(stop.clone()));
        Self {
            rules,
            dashboard,
            stop,
            task: AbortOnDropHandle::new(task),
        }
    }

    /// Ends it, for its successor.
    async fn end(self) -> Option<Arc<Ear>> {
        self.stop.cancel();
        let ended = self.task.await.inspect_err(|error| {
            let dashboard = &self.rules.dashboard;
            tracing::error!(%error, dashboard, "the alerts of a dashboard ended early");
        });
        ended.ok()
    }
}
