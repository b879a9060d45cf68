//! Runs the sources of all dashboards: a task each, started and ended as their files
//! change.

use std::sync::Arc;

use super::reading::Shown;
use super::runner::{self, Declared};
use crate::declared_tasks::DeclaredTasks;
use crate::hub::Hub;

/// Runs the sources that dashboards declare, until it is dropped.
pub(crate) async fn run_declared(hub: Arc<Hub>) {
    let mut changes = hub.dashboards().changes();
    let mut tasks = DeclaredTasks::new(|source: &Declared| &source.dashboard);
    loop {
        changes.borrow_and_update();
        let start = |source, stop| runner::run(source, Arc::clone(&hub), stop);
        tasks.update(declared(&hub), start).await;
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// The sources of all dashboards.
fn declared(hub: &Hub) -> Vec<Declared> {
    let mut declared = Vec::new();
    for (name, dashboard) in &*hub.dashboards().current() {
        let alerts = hub.dashboards().alert_on(dashboard.channel());
        for (index, definition) in dashboard.sources.iter().enumerate() {
            let points = dashboard.layout.chart.iter().map(|chart| chart.points);
            declared.push(Declared {
                dashboard: name.clone(),
                number: index + 1,
                definition: Arc::clone(definition),
                always: definition.always || alerts,
                channel: dashboard.channel().clone(),
                shown: Shown::of(&dashboard.layout),
                points: points.max().unwrap_or(0),
            });
        }
    }
    declared
}
