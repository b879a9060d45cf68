//! What was refused, tried again where nobody is there to do it.

use std::time::Duration;

use dioxus::core::Task;
use dioxus::prelude::*;

use super::Feed;
use crate::platform;

/// How long a page that was refused waits.
const WAIT: Duration = Duration::from_secs(60);

/// Lets the feed begin again each minute for as long as that is `wanted`.
pub fn use_second_chance(feed: Feed, wanted: bool) {
    let mut waiting = use_hook(|| CopyValue::new(None::<Task>));
    let begun = waiting.read().is_some();
    if wanted && !begun {
        waiting.set(Some(spawn(async move {
            loop {
                platform::sleep(WAIT).await;
                feed.start_again();
            }
        })));
    } else if !wanted && let Some(task) = waiting.take() {
        task.cancel();
    }
}
