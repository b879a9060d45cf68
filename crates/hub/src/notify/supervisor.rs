//! Runs the notifiers of all dashboards: a task for each dashboard, started and ended as its
//! file changes.

use std::sync::Arc;

use super::runner::{self, Declared};
use crate::declared_tasks::DeclaredTasks;
use crate::hub::Hub;

/// Runs the notifiers of all dashboards until the hub stops.
pub(crate) async fn run(hub: Arc<Hub>) {
    let mut changes = hub.dashboards().changes();
    let mut tasks = DeclaredTasks::new(|one: &Declared| &one.dashboard);
    loop {
        changes.borrow_and_update();
        let start = |one, stop| runner::run(one, Arc::clone(&hub), stop);
        tasks.update(declared(&hub), start).await;
        tokio::select! {
            Ok(()) = changes.changed() => {}
            () = hub.closing().cancelled() => return tasks.stop_all().await,
        }
    }
}

/// The dashboards that have notifiers.
fn declared(hub: &Hub) -> Vec<Declared> {
    let current = hub.dashboards().current();
    let with_some = current.iter().filter(|(_, one)| !one.notifiers.is_empty());
    let declared = with_some.map(|(name, dashboard)| Declared {
        dashboard: name.clone(),
        title: dashboard.layout.title.clone(),
        channels: dashboard.channels.clone(),
        notifiers: dashboard.notifiers.clone(),
    });
    declared.collect()
}
