//! The messages that could not be shown in full.

use live_dashboard_protocol::layout::{Layout, PanelKind, is_qualified};
use live_dashboard_protocol::message::{ALERT, CHART_DATA, ReceivedFrame, STATS_UPDATE};

use super::{ChartHistory, Malformed, Message, Order, Stamp, decode};

/// How many messages are counted at most.
const CAPACITY: usize = 100;

/// How many reasons are told at most.
const MAX_REASONS: usize = 20;

/// The most bytes that are told of a publisher's key.
const MAX_KEY_BYTES: usize = 40;

const IN_THE_FUTURE: &str = "`timestamp` is in the future";

/// The rule for a point's time.
pub(super) const NOT_A_TIME: &str = "`timestamp` must be seconds since 1970";

/// How many messages could not be shown in full, and why not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unshown {
    /// The messages, oldest first. Each is counted once, however often it arrives.
    orders: Vec<Order>,
    /// Why not, each once.
    reasons: Vec<String>,
}

impl Unshown {
    /// How many, at most 100.
    pub fn count(&self) -> usize {
        self.orders.len()
    }

    /// The rule that a message broke, the first to break it the latest, and its event;
    /// empty if there are none.
    pub fn reason(&self) -> &str {
        self.reasons.last().map_or("", String::as_str)
    }

    /// How many rules were broken, at most 20.
    pub fn reasons(&self) -> usize {
        self.reasons.len()
    }

    /// Counts a message; returns whether anything changed.
    pub(super) fn insert(&mut self, reason: String, order: Order) -> bool {
        let place = self.orders.partition_point(|known| *known < order);
        let known = self.orders.get(place) == Some(&order);
        let too_late = place == 0 && self.orders.len() == CAPACITY;
        if known || too_late {
            return false;
        }
        let is_latest = place == self.orders.len();
        if is_latest && self.reasons.len() < MAX_REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
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
        Ok(message) => check(&message?, Stamp::at(at), layout).1,
        Err(Malformed(rule)) => Some(rule),
    }
}

/// Whether a message shows anything under this layout, and why it is not shown in full or
/// not as it was meant.
pub(super) fn check(message: &Message, stamp: Stamp, layout: &Layout) -> (bool, Option<String>) {
    match message {
        Message::Stats(update) => {
            let known: Vec<_> = layout.keys().collect();
            let fits = update.0.iter().map(|(key, value)| {
                let mut fit = Fit::Unknown;
                // It is shown if one of several panels takes it.
                for (kind, _) in known.iter().filter(|(_, known)| known == key) {
                    if kind.takes(value) {
                        fit = Fit::Shown;
                        break;
                    }
                    fit = Fit::Wrong(kind.rule());
                }
                (key.as_str(), fit)
            });
            let keys = known.iter().map(|(_, key)| *key);
            verdict(fits.collect(), keys.collect(), STATS_UPDATE)
        }
        Message::Point(point) if !ChartHistory::is_time(point.timestamp) => {
            (false, Some(in_event(NOT_A_TIME, CHART_DATA)))
        }
        Message::Point(point) => {
            let series = layout.chart.iter().flat_map(|chart| &chart.series);
            let known: Vec<_> = series.map(|series| series.key.as_str()).collect();
            let fits = point.values.iter().map(|(key, value)| {
                let fit = match known.contains(&key.as_str()) {
                    false => Fit::Unknown,
                    true if value.is_finite() => Fit::Shown,
                    true => Fit::Wrong(PanelKind::Stat.rule()),
                };
                (key.as_str(), fit)
            });
            match verdict(fits.collect(), known, CHART_DATA) {
                (true, _) if stamp.is_before(point.timestamp) => {
                    (false, Some(in_event(IN_THE_FUTURE, CHART_DATA)))
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

/// The same for the values of a message, of which the layout knows these keys.
///
/// A key that it does not know is told if none of the message's is shown, or if it is
/// probably a slip for one that the message lacks. Others are for the panels of other
/// dashboards: this page cannot tell which keys those have. Nothing is told of an event
/// of which the layout shows nothing.
fn verdict(fits: Vec<(&str, Fit)>, known: Vec<&str>, event: &str) -> (bool, Option<String>) {
    let shows = fits.iter().any(|(_, fit)| matches!(fit, Fit::Shown));
    let broken = fits.iter().find_map(|(key, fit)| match fit {
        Fit::Wrong(rule) => Some((*key, [" ", rule].concat())),
        _ => None,
    });
    let slip = || {
        let unknown = fits.iter().filter(|(_, fit)| matches!(fit, Fit::Unknown));
        let mut slips = unknown.filter_map(|(key, _)| {
            let is_absent = |known: &str| fits.iter().all(|(key, _)| *key != known);
            let mut known = known.iter();
            let meant = known.find(|known| is_slip(key, known) && is_absent(known))?;
            Some((*key, [" is on no panel, but `", meant, "` is"].concat()))
        });
        slips.next()
    };
    // Other channels have dashboards of their own.
    let unknown = || {
        let first = fits.first().filter(|(key, _)| !is_qualified(key));
        let told = first.filter(|_| !shows && !known.is_empty());
        told.map(|(key, _)| (*key, " is on no panel".to_owned()))
    };
    let rule = broken.or_else(slip).or_else(unknown).map(|(key, rule)| {
        let key = &key[..key.floor_char_boundary(MAX_KEY_BYTES)];
        in_event(&["`", key, "`", &rule].concat(), event)
    });
    (shows, rule)
}

/// Whether a key is probably a slip for the one that was meant: a character too many or too
/// few, two in the wrong order, or upper for lower case. A digit is no slip: `cpu1` is not
/// `cpu`.
fn is_slip(key: &str, meant: &str) -> bool {
    let (key, meant) = (key.as_bytes(), meant.as_bytes());
    let (longer, shorter) = match key.len() > meant.len() {
        true => (key, meant),
        false => (meant, key),
    };
    let extra = longer.len() - shorter.len();
    if extra > 1 {
        return false;
    }
    let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let start = key.iter().zip(meant).take_while(same).count();
    let backwards = key.iter().rev().zip(meant.iter().rev());
    let end = backwards.take_while(same).count();
    match (extra, shorter.len().checked_sub(start + end)) {
        (0, None | Some(0)) => true,
        (0, Some(2)) => key[start] == meant[start + 1] && key[start + 1] == meant[start],
        (1, None | Some(0)) => shorter.len() > 2 && !longer[start].is_ascii_digit(),
        _ => false,
    }
}
