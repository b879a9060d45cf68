//! Messages that are published later.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use super::Hub;
use crate::engine::{EngineError, NewMessage, Schedule};

/// The system's clock may be set: check it at least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The wait after a failure; doubled after each further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);

impl Hub {
    /// Stores a message to be published at `at`. Returns the name of the schedule.
    ///
    /// # Errors
    /// The engine failed.
    pub async fn schedule(
        &self,
        at: SystemTime,
        message: NewMessage,
    ) -> Result<String, EngineError> {
        let name = self.parts.engine.schedule(at, message).await?;
        self.registry.scheduled().notify_one();
        Ok(name)
    }

    /// The schedules that are due first.
    pub(crate) async fn schedules(&self, limit: usize) -> Result<Vec<Schedule>, EngineError> {
        self.parts.engine.schedules(limit).await
    }

    /// Deletes a schedule; returns `false` if there is none of this name.
    pub(crate) async fn unschedule(&self, name: &str) -> Result<bool, EngineError> {
        self.parts.engine.unschedule(name).await
    }

    /// Publishes scheduled messages when they are due. Runs until it is dropped.
    pub(crate) async fn run_schedules(self: Arc<Self>) {
        let mut retry = FIRST_RETRY;
        loop {
            let wait = match self.parts.engine.run_due().await {
                Ok(due) => {
                    self.metrics.published.inc_by(due.fired);
                    let next = due.next.map_or(LONGEST_WAIT, |next| {
                        next.duration_since(SystemTime::now()).unwrap_or_default()
                    });
                    if due.failed == 0 {
                        retry = FIRST_RETRY;
                        next
                    } else {
                        tracing::warn!(due.failed, ?retry, "cannot publish scheduled messages");
                        let wait = retry.min(next);
                        retry = (2 * retry).min(LONGEST_WAIT);
                        wait
                    }
                }
                Err(error) => {
                    // The engine logs itself that it cannot be reached.
                    if !error.is_uncertain() {
                        tracing::warn!(%error, ?retry, "cannot publish scheduled messages");
                    }
                    let wait = retry;
                    retry = (2 * retry).min(LONGEST_WAIT);
                    wait
                }
            };
            tokio::select! {
                () = sleep(wait.min(LONGEST_WAIT)) => {}
                () = self.registry.scheduled().notified() => {}
            }
        }
    }
}
