//! Runs the sources of all dashboards: a task each, started and ended as their files
//! change.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::reading::Shown;
use super::runner::{self, Declared};
use crate::hub::Hub;

/// A source that runs until it is dropped.
struct Running {
    source: Declared,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

/// Runs the sources that dashboards declare, until it is dropped.
pub(crate) async fn run_declared(hub: Arc<Hub>) {
    let mut changes = hub.dashboards().changes();
    let mut running: Vec<Running> = Vec::new();
    loop {
        changes.borrow_and_update();
        let mut declared = declared(&hub);
        let (kept, ended) = running
            .into_iter()
            .partition(|one| declared.contains(&one.source));
        running = kept;
        stop(ended).await;
        declared.retain(|source| running.iter().all(|one| one.source != *source));
        running.extend(declared.into_iter().map(|source| start(&hub, source)));
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Ends sources. Their successors must not publish before they have.
async fn stop(sources: Vec<Running>) {
    for one in &sources {
        one.stop.cancel();
    }
    for one in sources {
        if let Err(error) = one.task.await {
            tracing::error!(%error, dashboard = one.source.dashboard, "a source ended early");
        }
    }
}

fn start(hub: &Arc<Hub>, source: Declared) -> Running {
    let stop = CancellationToken::new();
    let run = runner::run(source.clone(), Arc::clone(hub), stop.clone());
    Running {
        source,
        stop,
        task: AbortOnDropHandle::new(tokio::spawn(run)),
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
