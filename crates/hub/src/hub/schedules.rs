//! Messages that are published later.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use super::Hub;
use crate::engine::{EngineError, NewMessage};

/// The system's clock may be set: who waits for a time of day looks at it at
/// least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// After a failure it is tried again this much later, and twice as much after
/// each further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);

impl Hub {
    /// Keeps a message until `at` and publishes it then; the name of the
    /// schedule.
    ///
    /// # Errors
    /// The engine could not keep it.
    pub async fn schedule(
        &self,
        at: SystemTime,
        message: NewMessage,
    ) -> Result<String, EngineError> {
        let name = self.parts.engine.schedule(at, message).await?;
        self.scheduled.notify_one();
        Ok(name)
    }

    /// Publishes scheduled messages when they are due, for ever.
    pub(crate) async fn keep_schedules(self: Arc<Self>) {
        let mut retry = FIRST_RETRY;
        loop {
            let wait = match self.parts.engine.run_due().await {
                Ok(due) => {
                    self.metrics.published.inc_by(due.fired);
                    retry = FIRST_RETRY;
                    due.next.map_or(LONGEST_WAIT, |next| {
                        next.duration_since(SystemTime::now()).unwrap_or_default()
                    })
                }
                Err(error) => {
                    tracing::warn!(%error, ?retry, "scheduled messages could not be published");
                    let wait = retry;
                    retry = (2 * retry).min(LONGEST_WAIT);
                    wait
                }
            };
            tokio::select! {
                () = sleep(wait.min(LONGEST_WAIT)) => {}
                () = self.scheduled.notified() => {}
            }
        }
    }
}
