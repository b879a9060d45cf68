//! The rules of layouts.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use live_dashboard_protocol::layout::{Better, Chart, Layout};
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::publish::MAX_DATA_BYTES;

/// The most characters of a title or a label.
pub(super) const MAX_TEXT: usize = 100;
/// The most stat cards.
pub(super) const MAX_STATS: usize = 24;
/// The most charts.
pub(super) const MAX_CHARTS: usize = 12;
/// The most series of a chart: one for each distinguishable color.
pub(super) const MAX_SERIES: usize = 6;
/// The most characters of a dashboard's name.
const MAX_NAME: usize = 64;
/// The limits of `stale_after`, in seconds.
const STALE_AFTER: RangeInclusive<f64> = 1.0..=7.0 * 24.0 * 3600.0;
/// The most bytes of a layout as JSON: it is published to open pages, with the
/// dashboard's name, channel and note.
const MAX_LAYOUT_BYTES: usize = MAX_DATA_BYTES - 1024;

/// A rule that a layout breaks.
pub(super) struct Violation {
    /// Where in the layout.
    pub(super) place: Vec<Step>,
    /// The rule, with the name of the key that breaks it.
    pub(super) rule: String,
}

/// One level of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Key(&'static str),
    Item(usize),
}

/// The rule that a dashboard's name breaks. `name` is `None` for a file that is not
/// a layout file by its name.
pub(super) fn check_name(name: Option<&str>) -> Option<String> {
    let allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let valid = |name: &str| (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed);
    (!name.is_some_and(valid)).then(|| {
        format!(
            "the file's name must have 1 to {MAX_NAME} lower-case letters, digits, `-` and `_`, \
             and end in `.toml`"
        )
    })
}

/// All rules that a layout breaks.
pub(super) fn check(layout: &Layout) -> Vec<Violation> {
    let mut checks = Checks(Vec::new());
    checks.text(vec![Step::Key("title")], "title", &layout.title);
    if let Some(channel) = &layout.channel
        && let Err(rule) = ChannelName::new(channel)
    {
        checks.add(vec![Step::Key("channel")], format!("`channel` {rule}"));
    }
    if let Some(zone) = &layout.time_zone
        && TimeZone::get(zone).is_err()
    {
        let rule =
            format!("`time_zone` must be an IANA time zone such as `Europe/Vienna`, not `{zone}`");
        checks.add(vec![Step::Key("time_zone")], rule);
    }
    if let Some(note) = &layout.note {
        checks.text(vec![Step::Key("note")], "note", note);
    }
    if !STALE_AFTER.contains(&layout.stale_after) {
        let rule = "`stale_after` must be from 1s to 168h";
        checks.add(vec![Step::Key("stale_after")], rule);
    }
    checks.count("stat", layout.stat.len(), MAX_STATS);
    checks.count("chart", layout.chart.len(), MAX_CHARTS);
    let mut known = HashSet::new();
    for (n, stat) in layout.stat.iter().enumerate() {
        let at = |key| vec![Step::Key("stat"), Step::Item(n), Step::Key(key)];
        checks.text(at("key"), "key", &stat.key);
        checks.text(at("label"), "label", &stat.label);
        if !known.insert(&stat.key) {
            let rule = format!("two cards have the `key` `{}`", stat.key);
            checks.add(at("key"), rule);
        }
        checks.thresholds(at, stat.better, stat.warning, stat.critical);
    }
    for (n, chart) in layout.chart.iter().enumerate() {
        checks.chart(n, chart);
    }
    let bytes = serde_json::to_string(layout).map_or(0, |text| text.len());
    if bytes > MAX_LAYOUT_BYTES {
        let rule = format!("the layout has {bytes} bytes as JSON; the limit is {MAX_LAYOUT_BYTES}");
        checks.add(vec![Step::Key("title")], rule);
    }
    checks.0
}

struct Checks(Vec<Violation>);

impl Checks {
    fn add(&mut self, place: Vec<Step>, rule: impl Into<String>) {
        let rule = rule.into();
        self.0.push(Violation { place, rule });
    }

    fn text(&mut self, place: Vec<Step>, key: &str, text: &str) {
        let length = text.chars().count();
        if text.trim().is_empty() || length > MAX_TEXT {
            let rule = format!("`{key}` must have 1 to {MAX_TEXT} characters");
            self.add(place, rule);
        }
    }

    fn count(&mut self, key: &'static str, count: usize, most: usize) {
        if count > most {
            let rule = format!("there may be at most {most} `[[{key}]]`");
            self.add(vec![Step::Key(key), Step::Item(most)], rule);
        }
    }

    fn thresholds(
        &mut self,
        at: impl Fn(&'static str) -> Vec<Step>,
        better: Better,
        warning: Option<f64>,
        critical: Option<f64>,
    ) {
        for (key, value) in [("warning", warning), ("critical", critical)] {
            if value.is_some_and(|value| !value.is_finite()) {
                self.add(at(key), format!("`{key}` must be a finite number"));
            }
        }
        let (Some(warning), Some(critical)) = (warning, critical) else {
            return;
        };
        let (wrong, side, better) = match better {
            Better::Lower => (warning >= critical, "below", "lower"),
            Better::Higher => (warning <= critical, "above", "higher"),
        };
        if wrong {
            let rule = format!("`warning` must be {side} `critical`, since {better} is better");
            self.add(at("warning"), rule);
        }
    }

    fn chart(&mut self, n: usize, chart: &Chart) {
        let at = |key| vec![Step::Key("chart"), Step::Item(n), Step::Key(key)];
        self.text(at("title"), "title", &chart.title);
        if !(1..=Chart::MAX_POINTS).contains(&chart.points) {
            let rule = format!("`points` must be from 1 to {}", Chart::MAX_POINTS);
            self.add(at("points"), rule);
        }
        if !(1..=MAX_SERIES).contains(&chart.series.len()) {
            let rule = format!("`series` must have 1 to {MAX_SERIES} series");
            self.add(at("series"), rule);
        }
        let mut known = HashSet::new();
        for (m, series) in chart.series.iter().enumerate() {
            let at = |key| [at("series"), vec![Step::Item(m), Step::Key(key)]].concat();
            self.text(at("key"), "key", &series.key);
            if let Some(label) = &series.label {
                self.text(at("label"), "label", label);
            }
            if series.key == "timestamp" {
                let rule = "`key` must not be `timestamp`, which is the point's time";
                self.add(at("key"), rule);
            }
            if !known.insert(&series.key) {
                let rule = format!("two series have the `key` `{}`", series.key);
                self.add(at("key"), rule);
            }
        }
        self.thresholds(at, chart.better, chart.warning, chart.critical);
    }
}
