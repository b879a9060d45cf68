//! Requests the points of a long range from the hub.

use std::time::Duration;

use dioxus::core::Task;
use dioxus::prelude::*;
use live_dashboard_protocol::limits::{HISTORY_SECONDS, MAX_BUCKETS};
use live_dashboard_protocol::summary::Summary;

use super::{Feed, ViewerNotes, use_side_effect, use_value};
use crate::model::format::plain;
use crate::model::{Action, Connection, Event, OlderPoints, Range};
use crate::platform;

/// They are requested again after this time: meanwhile the page drops points that are
/// older than what it keeps, which is more.
const RENEWAL: Duration = Duration::from_secs(600);
/// The same after a failure.
const RETRY: Duration = Duration::from_secs(30);

/// Requests the points of the range in the notes, if it is longer than what the page
/// keeps, for as long as it is chosen. Each new connection requests them again. A range
/// from an earlier visit that the hub no longer offers is given up.
pub(crate) fn use_older_points(feed: Feed, notes: ViewerNotes) {
    // The address and the range that were last wanted.
    let mut known = use_value(|| CopyValue::new(String::new()));
    let mut loading = use_value(|| CopyValue::new(None::<Task>));
    use_side_effect(move || {
        let range = notes.signal().read().range;
        let (url, reach) = {
            let reach = feed.reach.read();
            (reach.url.clone(), reach.seconds)
        };
        if *feed.connection.read() == Connection::Live && !range.is_within(reach) {
            notes.apply(&Action::SetRange(Range::default()));
            return;
        }
        let wanted = [&url, range.as_str()].concat();
        if *known.read() == wanted {
            return;
        }
        let range = range.seconds().unwrap_or_default();
        known.set(wanted);
        let needed = range > HISTORY_SECONDS && !url.is_empty();
        let task = needed.then(|| spawn(load(feed, url, range)));
        if let Some(old) = loading.replace(task) {
            old.cancel();
        }
        if !needed {
            feed.apply(Event::OlderPoints(OlderPoints::Complete, None));
        }
    });
}

async fn load(feed: Feed, url: String, range: f64) {
    feed.apply(Event::OlderPoints(OlderPoints::Loading, None));
    loop {
        // The charts end with their newest point.
        let end = feed.history.peek().end();
        let end = end.unwrap_or_else(|| platform::now() / 1000.0) + 1.0;
        let start = (end - range * 1.01).max(0.0);
        let (start, end) = (plain(start, 0), plain(end, 0));
        let url = format!("{url}&start={start}&end={end}&buckets={MAX_BUCKETS}");
        let answer = platform::http_get(&url).await.ok();
        let answer = answer.filter(|answer| answer.status == 200);
        let summary = answer.and_then(|answer| Summary::parse(&answer.body));
        let (state, pause) = match &summary {
            Some(Summary { since: None, .. }) => (OlderPoints::Complete, RENEWAL),
            Some(Summary {
                since: Some(since), ..
            }) => (OlderPoints::Since(since * 1000.0), RENEWAL),
            None => (OlderPoints::Failed, RETRY),
        };
        feed.apply(Event::OlderPoints(state, summary));
        platform::sleep(pause).await;
    }
}
