//! Requests the points of a long range from the hub.

use std::time::Duration;

use dioxus::core::Task;
use dioxus::prelude::*;
use live_dashboard_protocol::limits::{HISTORY_SECONDS, MAX_BUCKETS};
use live_dashboard_protocol::summary::Summary;

use super::{Feed, use_side_effect};
use crate::model::format::plain;
use crate::model::{Event, Notes, OlderPoints};
use crate::platform;

/// They are requested again after this time: meanwhile the page drops points that are
/// older than what it keeps, which is more.
const RENEWAL: Duration = Duration::from_secs(600);
/// The same after a failure.
const RETRY: Duration = Duration::from_secs(30);

/// Requests the points of the range in the notes, if it is longer than what the page
/// keeps, for as long as it is chosen. Each new connection requests them again.
pub(crate) fn use_older_points(feed: Feed, notes: Signal<Notes>) -> Signal<OlderPoints> {
    let mut state = use_signal(OlderPoints::default);
    let mut known = use_hook(|| CopyValue::new((String::new(), 0.0)));
    let mut loading = use_hook(|| CopyValue::new(None::<Task>));
    use_side_effect(move || {
        let range = notes.read().range.seconds().unwrap_or_default();
        let url = feed.reach.read().url.clone();
        let wanted = (url.clone(), range);
        if *known.read() == wanted {
            return;
        }
        known.set(wanted);
        let needed = range > HISTORY_SECONDS && !url.is_empty();
        let task = needed.then(|| spawn(load(feed, state, url, range)));
        if let Some(old) = loading.replace(task) {
            old.cancel();
        }
        if !needed {
            state.set(OlderPoints::Complete);
        }
    });
    state
}

async fn load(feed: Feed, mut state: Signal<OlderPoints>, url: String, range: f64) {
    state.set(OlderPoints::Loading);
    loop {
        // The charts end with their newest point.
        let end = feed.history.peek().end();
        let end = end.unwrap_or_else(|| platform::now() / 1000.0) + 1.0;
        let start = (end - range * 1.01).max(0.0);
        let (start, end) = (plain(start, 0), plain(end, 0));
        let url = format!("{url}&start={start}&end={end}&buckets={MAX_BUCKETS}");
        let answer = platform::http_get(&url).await.ok();
        let answer = answer.filter(|answer| answer.status == 200);
        let pause = match answer.and_then(|answer| Summary::parse(&answer.body)) {
            Some(summary) => {
                state.set(match summary.since {
                    Some(since) => OlderPoints::Since(since * 1000.0),
                    None => OlderPoints::Complete,
                });
                feed.apply(Event::OlderPoints(summary));
                RENEWAL
            }
            None => {
                state.set(OlderPoints::Failed);
                RETRY
            }
        };
        platform::sleep(pause).await;
    }
}
