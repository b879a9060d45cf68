//! The metrics' values before the current ones.

use std::collections::BTreeMap;

use dioxus::prelude::*;

use super::Feed;
use crate::model::Slice;

/// What the metrics were before their latest update, by key; one that was
/// updated but once is not there.
pub fn use_previous_stats(feed: Feed) -> BTreeMap<String, f64> {
    let previous = use_memo(move || {
        let stats = feed.read(Slice::Stats, |state| state.model.stats().clone());
        feed.read(Slice::Layout, |state| {
            let keys = state.model.layout().stat.iter().map(|stat| &stat.key);
            keys.filter_map(|key| Some((key.clone(), stats.get(key)?.previous?)))
                .collect()
        })
    });
    previous()
}
