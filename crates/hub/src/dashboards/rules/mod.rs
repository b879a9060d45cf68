//! The rules of layouts.

mod panels;

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use live_dashboard_protocol::layout::{Better, Chart, Layout, Notation, Scale};
use live_dashboard_protocol::limits::{
    MAX_CHANNELS, MAX_CHARTS, MAX_DATA_BYTES, MAX_DECIMALS, MAX_DRAWS_PER_SECOND, MAX_LABEL_CHARS,
    MAX_LINK_CHARS, MAX_SERIES, MAX_STATS, ROW_COLUMNS,
};
use live_dashboard_protocol::name::ChannelName;

use crate::alerting;
use crate::notify::{self, MAX_NOTIFIERS};
use crate::sources::{Definition, MAX_SOURCES};

/// The most characters of a dashboard's name.
const MAX_NAME: usize = 64;
/// The limits of `stale_after`, in seconds.
pub(super) const STALE_AFTER: RangeInclusive<f64> = 1.0..=7.0 * 24.0 * 3600.0;
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

/// The rule that a dashboard's name breaks.
pub fn name_error(name: &str) -> Option<String> {
    let allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let valid = (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed);
    (!valid).then(|| {
        format!(
            "the name must have 1 to {MAX_NAME} lower-case letters, digits, `-` and `_`; its \
             file adds `.toml`"
        )
    })
}

/// All rules that a layout breaks.
pub(super) fn check(layout: &Layout) -> Vec<Violation> {
    let mut checks = Checks::default();
    checks.text("title", &layout.title);
    checks.channel(layout.channel.as_deref());
    // One of them is the dashboard's own.
    if layout.other_channels().len() >= MAX_CHANNELS {
        let rule = format!("a dashboard may have at most {MAX_CHANNELS} channels");
        checks.add_about_all(rule);
    }
    checks.time_zone(layout.time_zone.as_deref());
    if let Some(note) = &layout.note {
        checks.text("note", note);
    }
    if !STALE_AFTER.contains(&layout.stale_after) {
        checks.add("stale_after", "`stale_after` must be from 1s to 168h");
    }
    if !(1..=MAX_DRAWS_PER_SECOND).contains(&layout.max_fps) {
        let rule = format!("`max_fps` must be from 1 to {MAX_DRAWS_PER_SECOND}");
        checks.add("max_fps", rule);
    }
    let mut keys = HashSet::new();
    checks.each("stat", &layout.stat, MAX_STATS, |checks, stat| {
        checks.text("key", &stat.key);
        checks.text("label", &stat.label);
        let key = (stat.channel.clone(), stat.key.clone());
        checks.unique(&mut keys, key, "cards");
        checks.notation(&stat.notation());
        checks.thresholds(stat.better, stat.warning, stat.critical);
        checks.frame(stat.channel.as_deref(), stat.span, stat.link.as_deref());
        if stat
            .min_change
            .is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            checks.add(
                "min_change",
                "`min_change` must be from 0 to 1, such as 0.05 for 5%",
            );
        }
    });
    checks.each("chart", &layout.chart, MAX_CHARTS, Checks::chart);
    checks.panels(layout);
    checks.rows(layout);
    let bytes = serde_json::to_string(layout).map_or(0, |text| text.len());
    if bytes > MAX_LAYOUT_BYTES {
        let rule = format!("the layout has {bytes} bytes as JSON; the limit is {MAX_LAYOUT_BYTES}");
        checks.add_about_all(rule);
    }
    checks.violations
}

/// All rules that the sources of a layout break.
pub(super) fn check_sources(sources: &[Option<Definition>], layout: &Layout) -> Vec<Violation> {
    let mut checks = Checks::default();
    checks.each("source", sources, MAX_SOURCES, |checks, source| {
        for (key, rule) in source.iter().flat_map(|source| source.violations(layout)) {
            checks.add(key, rule);
        }
    });
    checks.violations
}

/// All rules that a layout's alerts break.
pub(super) fn check_alerting(alerts: &alerting::Definition, layout: &Layout) -> Vec<Violation> {
    let violations = alerts.violations(layout).into_iter();
    let violations = violations.map(|(panel, key, rule)| {
        let panel = panel.map(|(kind, index)| [Step::Key(kind.name()), Step::Item(index)]);
        let mut place: Vec<_> = panel.into_iter().flatten().collect();
        place.extend(key.map(Step::Key));
        Violation { place, rule }
    });
    violations.collect()
}

/// All rules that the notifiers of a dashboard break.
pub(super) fn check_notifiers(notifiers: &[Option<notify::Definition>]) -> Vec<Violation> {
    let mut checks = Checks::default();
    checks.each("notify", notifiers, MAX_NOTIFIERS, |checks, notifier| {
        for (key, rule) in notifier.iter().flat_map(notify::Definition::violations) {
            checks.add(key, rule);
        }
    });
    checks.violations
}

#[derive(Default)]
struct Checks {
    violations: Vec<Violation>,
    /// The place of the table that is being checked.
    table: Vec<Step>,
}

impl Checks {
    /// Adds a violation by a key of the current table.
    fn add(&mut self, key: &'static str, rule: impl Into<String>) {
        let mut place = self.table.clone();
        place.push(Step::Key(key));
        let rule = rule.into();
        self.violations.push(Violation { place, rule });
    }

    /// Adds a violation that is not about one key of the current table.
    fn add_about_all(&mut self, rule: impl Into<String>) {
        let (place, rule) = (self.table.clone(), rule.into());
        self.violations.push(Violation { place, rule });
    }

    /// Checks all tables of an array.
    fn each<T>(
        &mut self,
        key: &'static str,
        tables: &[T],
        max: usize,
        mut check: impl FnMut(&mut Self, &T),
    ) {
        let parent = self.table.clone();
        for (n, table) in tables.iter().enumerate() {
            self.table.extend([Step::Key(key), Step::Item(n)]);
            if n == max {
                let rule = format!("there may be at most {max} `[[{key}]]`");
                let place = self.table.clone();
                self.violations.push(Violation { place, rule });
            }
            check(self, table);
            self.table.clone_from(&parent);
        }
    }

    fn text(&mut self, key: &'static str, text: &str) {
        if text.trim().is_empty() || text.chars().count() > MAX_LABEL_CHARS {
            let rule = format!("`{key}` must have 1 to {MAX_LABEL_CHARS} characters");
            self.add(key, rule);
        }
    }

    fn unique<K: Eq + Hash>(&mut self, known: &mut HashSet<K>, key: K, tables: &str) {
        if !known.insert(key) {
            self.add(
                "key",
                format!("`key` must differ from those of the other {tables}"),
            );
        }
    }

    fn thresholds(&mut self, better: Better, warning: Option<f64>, critical: Option<f64>) {
        if better == Better::Neither && warning.or(critical).is_some() {
            let rule = "`better` must be `higher` or `lower` if there is a threshold";
            self.add("better", rule);
        }
        let (Some(warning), Some(critical)) = (warning, critical) else {
            return;
        };
        let (wrong, side, better) = match better {
            Better::Lower => (warning >= critical, "below", "lower"),
            Better::Higher => (warning <= critical, "above", "higher"),
            Better::Neither => return,
        };
        if wrong {
            let rule = format!("`warning` must be {side} `critical`, since {better} is better");
            self.add("warning", rule);
        }
    }

    fn notation(&mut self, notation: &Notation) {
        if !notation.unit.is_empty() {
            self.text("unit", &notation.unit);
        }
        if notation.decimals > Some(MAX_DECIMALS) {
            self.add(
                "decimals",
                format!("`decimals` must be from 0 to {MAX_DECIMALS}"),
            );
        }
    }

    fn time_zone(&mut self, zone: Option<&str>) {
        if zone.is_some_and(|zone| TimeZone::get(zone).is_err()) {
            let rule = "`time_zone` must be an IANA time zone such as `Europe/Vienna`";
            self.add("time_zone", rule);
        }
    }

    fn channel(&mut self, channel: Option<&str>) {
        if let Some(Err(rule)) = channel.map(ChannelName::new) {
            self.add("channel", format!("`channel` {rule}"));
        }
    }

    /// What every panel may say.
    fn frame(&mut self, channel: Option<&str>, span: Option<u32>, link: Option<&str>) {
        self.channel(channel);
        if span.is_some_and(|span| !(1..=ROW_COLUMNS).contains(&span)) {
            self.add(
                "span",
                format!("`span` must be from 1 to {ROW_COLUMNS} columns"),
            );
        }
        let is_address = |link: &str| {
            // A path on the hub, but not of another host.
            let path = link.starts_with(['/', '?']) && !link.starts_with("//");
            let short = link.len() <= MAX_LINK_CHARS;
            short
                && (path
                    || ["http://", "https://"]
                        .iter()
                        .any(|scheme| link.starts_with(scheme)))
        };
        if link.is_some_and(|link| !is_address(link)) {
            let rule = "`link` must be an address with `http://` or `https://`, or begin with \
                        `/` or `?`";
            self.add("link", rule);
        }
    }

    fn bounds(&mut self, min: Option<f64>, max: Option<f64>) {
        if min.zip(max).is_some_and(|(min, max)| min >= max) {
            self.add("min", "`min` must be below `max`");
        }
    }

    fn chart(&mut self, chart: &Chart) {
        self.text("title", &chart.title);
        self.notation(&chart.notation());
        self.frame(chart.channel.as_deref(), chart.span, chart.link.as_deref());
        self.bounds(chart.min, chart.max);
        for (key, bound) in [("min", chart.min), ("max", chart.max)] {
            if chart.scale == Scale::Log && bound.is_some_and(|bound| bound <= 0.0) {
                self.add(key, format!("`{key}` must be above 0 if `scale` is `log`"));
            }
        }
        if !(1..=Chart::MAX_POINTS).contains(&chart.points) {
            let rule = format!("`points` must be from 1 to {}", Chart::MAX_POINTS);
            self.add("points", rule);
        }
        if !(1..=MAX_SERIES).contains(&chart.series.len()) {
            let rule = format!("`series` must have 1 to {MAX_SERIES} series");
            self.add("series", rule);
        }
        let mut keys = HashSet::new();
        self.each("series", &chart.series, usize::MAX, |checks, series| {
            checks.text("key", &series.key);
            if let Some(label) = &series.label {
                checks.text("label", label);
            }
            if series.key == "timestamp" {
                let rule = "`key` must not be that of the point's time";
                checks.add("key", rule);
            }
            checks.unique(&mut keys, series.key.clone(), "series");
        });
        self.thresholds(chart.better, chart.warning, chart.critical);
    }
}
