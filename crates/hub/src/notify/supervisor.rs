//! Runs the notifiers of all dashboards: a task for each dashboard, started and ended as its
//! file changes.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::runner::{self, Declared};
use crate::hub::Hub;

/// The notifiers of a dashboard, which run until it is dropped.
struct Running {
    declared: Declared,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

/// Runs the notifiers of all dashboards until the hub stops.
pub(crate) async fn run(hub: Arc<Hub>) {
    let mut changes = hub.dashboards().changes();
    let mut running: Vec<Running> = Vec::new();
    loop {
        changes.borrow_and_update();
        let mut declared = declared(&hub);
        let (kept, ended) = running
            .into_iter()
            .partition(|one| declared.contains(&one.declared));
        running = kept;
        stop(ended).await;
        declared.retain(|one| running.iter().all(|known| known.declared != *one));
        running.extend(declared.into_iter().map(|one| start(&hub, one)));
        tokio::select! {
            Ok(()) = changes.changed() => {}
            () = hub.closing().cancelled() => return stop(running).await,
        }
    }
}

/// Ends notifiers. Their successors must not begin before.
async fn stop(all: Vec<Running>) {
    for one in &all {
        one.stop.cancel();
    }
    for one in all {
        if let Err(error) = one.task.await {
            let dashboard = one.declared.dashboard;
            tracing::error!(%error, dashboard, "the notifiers of a dashboard ended early");
        }
    }
}

fn start(hub: &Arc<Hub>, declared: Declared) -> Running {
    let stop = CancellationToken::new();
    let run = runner::run(declared.clone(), Arc::clone(hub), stop.clone());
    Running {
        declared,
        stop,
        task: AbortOnDropHandle::new(tokio::spawn(run)),
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
