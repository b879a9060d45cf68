//! What a layout may hold.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use live_dashboard_protocol::layout::{Better, Chart, Layout};
use live_dashboard_protocol::limits::MAX_DATA_BYTES;
use live_dashboard_protocol::name::ChannelName;

/// The most characters of a title or a label.
pub(super) const MAX_TEXT: usize = 100;
/// The most stat cards.
pub(super) const MAX_STATS: usize = 24;
/// The most charts.
pub(super) const MAX_CHARTS: usize = 12;
/// The most series of a chart: as many as there are colours to tell apart.
pub(super) const MAX_SERIES: usize = 6;
/// The most characters of a dashboard's name.
const MAX_NAME: usize = 64;
/// Seconds without a message, until a dashboard counts as stale.
const STALE_AFTER: RangeInclusive<f64> = 1.0..=7.0 * 24.0 * 3600.0;
/// The most bytes of a layout as JSON: what it goes to open pages in may have
/// [`MAX_DATA_BYTES`], and the hub adds name, channel and note.
const MAX_LAYOUT_BYTES: usize = MAX_DATA_BYTES - 1024;

/// A rule that a layout breaks.
pub(super) struct Broken {
    /// Where.
    pub(super) place: Vec<Step>,
    /// The rule, with the name of what breaks it.
    pub(super) rule: String,
}

/// A step on the way to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Key(&'static str),
    Item(usize),
}

/// The rule that a dashboard's name breaks; `None` stands for a file that has
/// no such name.
pub(super) fn name(name: Option<&str>) -> Option<String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let ok =
        name.is_some_and(|name| (1..=MAX_NAME).contains(&name.len()) && name.chars().all(fine));
    (!ok).then(|| {
        format!(
            "must be named by 1 to {MAX_NAME} lower-case letters, digits, `-` and `_`, and `.toml`"
        )
    })
}

/// All rules that a layout breaks.
pub(super) fn check(layout: &Layout) -> Vec<Broken> {
    let mut checks = Checks(Vec::new());
    checks.text(vec![Step::Key("title")], "title", &layout.title);
    if let Some(channel) = &layout.channel
        && let Err(rule) = ChannelName::new(channel)
    {
        checks.broken(vec![Step::Key("channel")], format!("`channel` {rule}"));
    }
    if let Some(zone) = &layout.time_zone
        && TimeZone::get(zone).is_err()
    {
        let rule = format!("`time_zone` must be one such as `Europe/Vienna`, not `{zone}`");
        checks.broken(vec![Step::Key("time_zone")], rule);
    }
    if let Some(note) = &layout.note {
        checks.text(vec![Step::Key("note")], "note", note);
    }
    if !STALE_AFTER.contains(&layout.stale_after) {
        let rule = "`stale_after` must be from 1s to 168h";
        checks.broken(vec![Step::Key("stale_after")], rule.into());
    }
    checks.count("stat", layout.stat.len(), MAX_STATS);
    checks.count("chart", layout.chart.len(), MAX_CHARTS);
    let mut known = HashSet::new();
    for (n, stat) in layout.stat.iter().enumerate() {
        let at = |key| vec![Step::Key("stat"), Step::Item(n), Step::Key(key)];
        checks.text(at("key"), "key", &stat.key);
        checks.text(at("label"), "label", &stat.label);
        if !known.insert(&stat.key) {
            let rule = format!("`key` is `{}` in two cards", stat.key);
            checks.broken(at("key"), rule);
        }
        checks.thresholds(at, stat.better, stat.warning, stat.critical);
    }
    for (n, chart) in layout.chart.iter().enumerate() {
        checks.chart(n, chart);
    }
    let bytes = serde_json::to_string(layout).map_or(0, |text| text.len());
    if bytes > MAX_LAYOUT_BYTES {
        let rule = format!("the layout has {bytes} bytes as JSON, and may have {MAX_LAYOUT_BYTES}");
        checks.broken(vec![Step::Key("title")], rule);
    }
    checks.0
}

struct Checks(Vec<Broken>);

impl Checks {
    fn broken(&mut self, place: Vec<Step>, rule: String) {
        self.0.push(Broken { place, rule });
    }

    fn text(&mut self, place: Vec<Step>, key: &str, text: &str) {
        let length = text.chars().count();
        if text.trim().is_empty() || length > MAX_TEXT {
            let rule = format!("`{key}` must have 1 to {MAX_TEXT} characters");
            self.broken(place, rule);
        }
    }

    fn count(&mut self, key: &'static str, count: usize, most: usize) {
        if count > most {
            let rule = format!("there may be at most {most} `[[{key}]]`");
            self.broken(vec![Step::Key(key), Step::Item(most)], rule);
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
                self.broken(at(key), format!("`{key}` must be a finite number"));
            }
        }
        let (Some(warning), Some(critical)) = (warning, critical) else {
            return;
        };
        let (wrong, word) = match better {
            Better::Lower => (warning >= critical, "below"),
            Better::Higher => (warning <= critical, "above"),
        };
        if wrong {
            let better = match better {
                Better::Lower => "lower",
                Better::Higher => "higher",
            };
            let rule = format!(
                "`warning` must be {word} `critical`, since {better} is better: a value passes it first"
            );
            self.broken(at("warning"), rule);
        }
    }

    fn chart(&mut self, n: usize, chart: &Chart) {
        let at = |key| vec![Step::Key("chart"), Step::Item(n), Step::Key(key)];
        self.text(at("title"), "title", &chart.title);
        if !(1..=Chart::MAX_POINTS).contains(&chart.points) {
            let rule = format!("`points` must be from 1 to {}", Chart::MAX_POINTS);
            self.broken(at("points"), rule);
        }
        if !(1..=MAX_SERIES).contains(&chart.series.len()) {
            let rule = format!("`series` must hold 1 to {MAX_SERIES} series");
            self.broken(at("series"), rule);
        }
        let mut known = HashSet::new();
        for (m, series) in chart.series.iter().enumerate() {
            let at = |key| [at("series"), vec![Step::Item(m), Step::Key(key)]].concat();
            self.text(at("key"), "key", &series.key);
            if let Some(label) = &series.label {
                self.text(at("label"), "label", label);
            }
            if series.key == "timestamp" {
                let rule = "`key` must not be `timestamp`: that is the point's time";
                self.broken(at("key"), rule.into());
            }
            if !known.insert(&series.key) {
                let rule = format!("`key` is `{}` in two series", series.key);
                self.broken(at("key"), rule);
            }
        }
        self.thresholds(at, chart.better, chart.warning, chart.critical);
    }
}
