//! What several tests need.

pub(crate) mod fake_hub;
pub(crate) mod page;

use std::time::Duration;

/// Waits for what must come, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .unwrap_or_else(|_| panic!("it did not come: {what}"))
}
