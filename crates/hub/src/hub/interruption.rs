//! Tells viewers when nothing can be published. Their connections stay.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::interval;

use super::Hub;

/// How often the engine is asked whether it works. Viewers are told at the second failure in a
/// row: a failover often takes less.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

impl Hub {
    /// Tells viewers when publishing is interrupted, and when it is possible again. Runs until
    /// it is dropped.
    pub(crate) async fn run_interruptions(self: Arc<Self>) {
        let mut ticks = interval(CHECK_INTERVAL);
        let (mut failed, mut told) = (false, false);
        loop {
            ticks.tick().await;
            let fails = self.parts.engine.health().await.is_err();
            let is_interrupted = fails && failed;
            if is_interrupted != told {
                self.registry.interrupted(is_interrupted);
                told = is_interrupted;
            }
            failed = fails;
        }
    }
}
