//! The messages that could not be shown in full.

use live_dashboard_protocol::layout::{Layout, PanelKind, is_qualified};
use live_dashboard_protocol::message::{ALERT, CHART_DATA, ReceivedFrame, STATS_UPDATE};

use super::{ChartHistory, Malformed, Message, Order, Stamp, decode};

/// How many messages are counted at most.
const CAPACITY: usize = 100;

/// The most bytes that are told of a publisher's key.
const MAX_KEY_BYTES: usize = 40;

/// How far a publisher's clock may be ahead, in seconds.
const CLOCK_SKEW: f64 = 60.0;
const IN_THE_FUTURE: &str = "`timestamp` is in the future";

/// The rule for a point's time.
pub(super) const NOT_A_TIME: &str = "`timestamp` must be seconds since 1970";

/// How many messages could not be shown in full, and why not the latest of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unshown {
    /// The messages, oldest first. Each is counted once, however often it arrives.
    orders: Vec<Order>,
    reason: String,
    reasons: u32,
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

    /// How often another reason came; 0 if there are none.
    pub fn reasons(&self) -> u32 {
        self.reasons
    }

    /// Counts a message; returns whether anything changed.
    pub(super) fn insert(&mut self, reason: String, order: Order) -> bool {
        let place = self.orders.partition_point(|known| *known < order);
        let known = self.orders.get(place) == Some(&order);
        let too_late = place == 0 && self.orders.len() == CAPACITY;
        if known || too_late {
            return false;
        }
        if place == self.orders.len() && self.reason != reason {
            self.reason = reason;
            self.reasons += 1;
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

/// The rule that a message, published at `at` in milliseconds since the Unix epoch, breaks
/// so that a dashboard with this layout does not show it in full or as it was meant. `other` is its channel if that is not the dashboard's own.
pub fn broken_rule(
    frame: &ReceivedFrame,
    other: Option<&str>,
    at: f64,
    layout: &Layout,
) -> Option<String> {
    match decode(frame, other, Stamp::at(at)) {
        Ok(message) => check(&message?, at, layout).1,
        Err(Malformed(rule)) => Some(rule),
    }
}

/// Whether a message that was published at `at`, in milliseconds since the Unix epoch, shows
/// anything under this layout, and why it is not shown in full or not as it was meant.
pub(super) fn check(message: &Message, at: f64, layout: &Layout) -> (bool, Option<String>) {
    match message {
        Message::Stats(update) => {
            let fits = update.0.iter().map(|(key, value)| {
                let mut fit = Fit::Unknown;
                // It is shown if one of several panels takes it.
                for (kind, _) in layout.keys().filter(|(_, known)| known == key) {
                    if kind.takes(value) {
                        fit = Fit::Shown;
                        break;
                    }
                    fit = Fit::Wrong(kind.rule());
                }
                (key, fit)
            });
            verdict(fits.collect(), layout.keys().next().is_some(), STATS_UPDATE)
        }
        Message::Point(point) if !ChartHistory::is_time(point.timestamp) => {
            (false, Some(in_event(NOT_A_TIME, CHART_DATA)))
        }
        Message::Point(point) => {
            let fits = point.values.iter().map(|(key, value)| {
                let mut series = layout.chart.iter().flat_map(|chart| &chart.series);
                let fit = match series.any(|series| series.key == *key) {
                    false => Fit::Unknown,
                    true if value.is_finite() => Fit::Shown,
                    true => Fit::Wrong(PanelKind::Stat.rule()),
                };
                (key, fit)
            });
            match verdict(fits.collect(), !layout.chart.is_empty(), CHART_DATA) {
                (true, None) if point.timestamp > at / 1000.0 + CLOCK_SKEW => {
                    (true, Some(in_event(IN_THE_FUTURE, CHART_DATA)))
                }
                verdict => verdict,
            }
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

/// How a value fits the panels of its key.
enum Fit {
    /// There are none.
    Unknown,
    Shown,
    /// It breaks this rule.
    Wrong(&'static str),
}

/// The same for the values of a message. A layout that shows nothing of an event (not
/// `expected`) need not: its channel may have other viewers.
fn verdict(fits: Vec<(&String, Fit)>, expected: bool, event: &str) -> (bool, Option<String>) {
    let shows = fits.iter().any(|(_, fit)| matches!(fit, Fit::Shown));
    let wrong = fits.iter().find_map(|(key, fit)| match fit {
        Fit::Wrong(rule) => Some((*key, *rule)),
        _ => None,
    });
    // Other channels have dashboards of their own.
    let is_told = |(key, _): &&(&String, Fit)| !shows && expected && !is_qualified(key);
    let first = fits.first().filter(is_told);
    let broken = wrong.or_else(|| first.map(|(key, _)| (*key, "is on no panel")));
    let rule = broken.map(|(key, rule)| {
        let key = &key[..key.floor_char_boundary(MAX_KEY_BYTES)];
        in_event(&format!("`{key}` {rule}"), event)
    });
    (shows, rule)
}
