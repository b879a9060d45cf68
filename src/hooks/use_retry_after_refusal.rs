//! Retries after a refusal, where nobody is there to reload the page.

use std::time::Duration;

use dioxus::core::Task;
use dioxus::prelude::*;

use super::Feed;
use crate::model::Connection;
use crate::platform;

/// The time between retries.
const PAUSE: Duration = Duration::from_secs(60);

/// If `enabled`, connects again every minute while the hub refuses.
pub(crate) fn use_retry_after_refusal(feed: Feed, enabled: bool) {
    let mut retrying = use_hook(|| CopyValue::new(None::<Task>));
    use_effect(move || {
        let refused = matches!(*feed.connection.read(), Connection::Refused { .. });
        let wanted = enabled && refused;
        let begun = retrying.read().is_some();
        if wanted && !begun {
            retrying.set(Some(spawn(async move {
                loop {
                    platform::sleep(PAUSE).await;
                    feed.restart();
                }
            })));
        } else if !wanted && let Some(task) = retrying.take() {
            task.cancel();
        }
    });
}
