//! Retries after a refusal, where nobody is there to reload the page.

use std::time::Duration;

use dioxus::prelude::*;

use super::{Feed, use_value};
use crate::model::Connection;
use crate::platform;

/// The time between retries.
const PAUSE: Duration = Duration::from_secs(60);

/// If `enabled`, connects again every minute while the hub refuses.
pub(crate) fn use_retry_after_refusal(feed: Feed, enabled: bool) {
    use_value(|| {
        enabled.then(|| {
            spawn(async move {
                loop {
                    platform::sleep(PAUSE).await;
                    if matches!(*feed.connection.peek(), Connection::Refused { .. }) {
                        feed.restart();
                    }
                }
            })
        })
    });
}
