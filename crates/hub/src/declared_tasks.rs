//! Tasks for what dashboards declare, started and ended as their files change.

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// A task for each declaration `D`. They end when this is dropped.
pub(crate) struct DeclaredTasks<D> {
    running: Vec<Running<D>>,
    /// The dashboard of a declaration, for the log.
    dashboard: fn(&D) -> &str,
}

struct Running<D> {
    declared: D,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl<D: Clone + PartialEq> DeclaredTasks<D> {
    pub(crate) fn new(dashboard: fn(&D) -> &str) -> Self {
        Self {
            running: Vec::new(),
            dashboard,
        }
    }

    /// Ends the tasks of what is no longer declared, then starts those of what is new:
    /// successors must not begin before their predecessors have ended.
    pub(crate) async fn update<F>(
        &mut self,
        mut declared: Vec<D>,
        run: impl Fn(D, CancellationToken) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let running = std::mem::take(&mut self.running).into_iter();
        let (kept, ended) = running.partition(|one| declared.contains(&one.declared));
        self.running = kept;
        self.stop(ended).await;
        declared.retain(|one| self.running.iter().all(|known| known.declared != *one));
        self.running.extend(declared.into_iter().map(|declared| {
            let stop = CancellationToken::new();
            let task = tokio::spawn(run(declared.clone(), stop.clone()));
            Running {
                declared,
                stop,
                task: AbortOnDropHandle::new(task),
            }
        }));
    }

    /// Asks all tasks to stop, and waits until they have ended.
    pub(crate) async fn stop_all(mut self) {
        let running = std::mem::take(&mut self.running);
        self.stop(running).await;
    }

    async fn stop(&self, all: Vec<Running<D>>) {
        for one in &all {
            one.stop.cancel();
        }
        for one in all {
            if let Err(error) = one.task.await {
                let dashboard = (self.dashboard)(&one.declared);
                tracing::error!(%error, dashboard, "a task of a dashboard ended early");
            }
        }
    }
}
