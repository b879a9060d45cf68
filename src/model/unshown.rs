//! The messages that could not be shown in full.

use std::collections::BTreeMap;

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::{ALERT, CHART_DATA, STATS_UPDATE};

use super::{ChartHistory, Message, Order};

/// How many messages are counted at most.
const CAPACITY: usize = 100;

/// The most bytes that are told of a publisher's key.
const MAX_KEY_BYTES: usize = 40;

/// The rule for a point's time.
pub(super) const NOT_A_TIME: &str = "`timestamp` must be seconds since 1970";

/// How many messages could not be shown in full, and why not the latest of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unshown {
    /// The messages, oldest first. Each is counted once, however often it arrives.
    orders: Vec<Order>,
    reason: String,
}

impl Unshown {
    /// How many, at most 100.
    pub fn count(&self) -> usize {
        self.orders.len()
    }

    /// The rule that the latest breaks, and its event; empty if there are none.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Counts a message; returns whether anything changed.
    pub(super) fn insert(&mut self, reason: String, order: Order) -> bool {
        let place = self.orders.partition_point(|known| *known < order);
        let known = self.orders.get(place) == Some(&order);
        let too_late = place == 0 && self.orders.len() == CAPACITY;
        if known || too_late {
            return false;
        }
        if place == self.orders.len() {
            self.reason = reason;
        }
        self.orders.insert(place, order);
        let surplus = self.orders.len().saturating_sub(CAPACITY);
        self.orders.drain(..surplus);
        true
    }
}

/// A rule and the event whose data breaks it.
pub(super) fn in_event(rule: &str, event: &str) -> String {
    format!("{rule} ({event})")
}

/// Whether a message shows anything under this layout, and why it is not shown in full.
pub(super) fn check(message: &Message, layout: &Layout) -> (bool, Option<String>) {
    match message {
        Message::Stats(update) => {
            let shown: Vec<_> = layout.stat.iter().map(|stat| &stat.key).collect();
            check_values(&update.0, &shown, STATS_UPDATE)
        }
        Message::Point(point) if !ChartHistory::is_time(point.timestamp) => {
            (false, Some(in_event(NOT_A_TIME, CHART_DATA)))
        }
        Message::Point(point) => {
            let series = layout.chart.iter().flat_map(|chart| &chart.series);
            let shown: Vec<_> = series.map(|series| &series.key).collect();
            check_values(&point.values, &shown, CHART_DATA)
        }
        Message::Alert(entry) => {
            let rule = |level| {
                let rule = format!("`level` must be `info`, `warning` or `error`, not `{level}`");
                in_event(&rule, ALERT)
            };
            (true, entry.alert.unknown_level.as_ref().map(rule))
        }
    }
}

/// The same for values, and the keys that are shown. A layout that shows nothing of an
/// event need not: its channel may have other viewers.
fn check_values(
    values: &BTreeMap<String, f64>,
    shown: &[&String],
    event: &str,
) -> (bool, Option<String>) {
    let (mut shows, mut wrong) = (false, None);
    for (key, value) in values.iter().filter(|(key, _)| shown.contains(key)) {
        match value.is_finite() {
            true => shows = true,
            false => wrong = Some((key, "must be a number")),
        }
    }
    if !shows && wrong.is_none() && !shown.is_empty() {
        wrong = values.keys().next().map(|key| (key, "is on no panel"));
    }
    let rule = wrong.map(|(key, rule)| {
        let key = &key[..key.floor_char_boundary(MAX_KEY_BYTES)];
        in_event(&format!("`{key}` {rule}"), event)
    });
    (shows, rule)
}
