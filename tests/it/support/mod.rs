//! Helpers of several tests.

pub(crate) mod fake_hub;
pub(crate) mod page;

use std::time::Duration;

/// Waits for a future, with a timeout.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .unwrap_or_else(|_| panic!("timed out waiting for {what}"))
}
