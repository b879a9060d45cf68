//! A `[[source]]` table of a dashboard's file, and its rules.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use live_dashboard_protocol::layout::{Layout, seconds};
use serde::Deserialize;

use super::reading::Shown;
use super::system;

/// The most sources of a dashboard.
pub(crate) const MAX_SOURCES: usize = 16;
/// The most keys of a source's `query`.
const MAX_QUERIES: usize = 100;
/// The most characters of a query.
const MAX_QUERY_CHARS: usize = 2_000;
/// How often a source may read, in seconds.
pub(crate) const INTERVAL: RangeInclusive<f64> = 1.0..=3600.0;
/// How often it reads by default, in seconds.
pub(crate) const DEFAULT_INTERVAL: f64 = 5.0;

/// The keys of a table of any kind.
pub(crate) const ALL_KEYS: &[&str] = &["kind", "interval", "always", "query"];

/// A source of a dashboard's numbers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Definition {
    pub(super) kind: Kind,
    /// The time between two readings, in seconds.
    #[serde(default = "default_interval", with = "seconds")]
    interval: f64,
    /// Whether it also reads while nobody watches.
    #[serde(default)]
    pub(super) always: bool,
    /// What to read for each key.
    #[serde(default)]
    query: BTreeMap<String, String>,
}

/// What a source reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    System,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system",
        })
    }
}

fn default_interval() -> f64 {
    DEFAULT_INTERVAL
}

impl Definition {
    /// The time between two readings.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs_f64(self.interval)
    }

    /// The keys to read and what each is in the source: those of `query`, else all that
    /// the dashboard shows, by the same names.
    pub(super) fn wanted(&self, shown: &Shown) -> Vec<(String, String)> {
        if !self.query.is_empty() {
            let query = self.query.iter();
            return query.map(|(k, q)| (k.clone(), q.clone())).collect();
        }
        let own = |key: &str| (key.to_owned(), key.to_owned());
        shown.keys().into_iter().map(own).collect()
    }

    /// The rules that it breaks, each with the key that does.
    pub(crate) fn violations(&self, layout: &Layout) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        if !INTERVAL.contains(&self.interval) {
            broken.push(("interval", "`interval` must be from 1s to 1h".to_owned()));
        } else if self.interval >= layout.stale_after {
            let rule = format!(
                "`interval` must be less than `stale_after`, {} s, or the numbers are stale \
                 before the next ones",
                layout.stale_after
            );
            broken.push(("interval", rule));
        }
        let shown = Shown::of(layout);
        broken.extend(self.query_rules(&shown).map(|rule| ("query", rule)));
        broken
    }

    fn query_rules(&self, shown: &Shown) -> impl Iterator<Item = String> {
        let mut broken = Vec::new();
        if self.query.len() > MAX_QUERIES {
            broken.push(format!("`query` must have at most {MAX_QUERIES} keys"));
        }
        for (key, query) in &self.query {
            if !shown.contains(key) {
                broken.push(format!("`{key}` in `query` is on no panel"));
            }
            if query.trim().is_empty() || query.chars().count() > MAX_QUERY_CHARS {
                let rule =
                    format!("`{key}` in `query` must have 1 to {MAX_QUERY_CHARS} characters");
                broken.push(rule);
            }
        }
        match self.kind {
            Kind::System => broken.extend(system::query_rule(&self.wanted(shown))),
        }
        broken.into_iter()
    }
}
