//! A `[[source]]` table of a dashboard's file, and its rules.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use live_dashboard_protocol::layout::Layout;
use serde::Deserialize;

use super::reading::Shown;
use super::scrape::Selector;
use super::server::Server;
use super::{system, variables};

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
pub(crate) const ALL_KEYS: &[&str] = &[
    "kind", "interval", "always", "query", "url", "username", "password", "token", "ca", "listen",
];

/// The keys whose values errors must not quote.
pub(crate) const SECRETS: &[&str] = &["url", "username", "password", "token"];

/// The kinds, as in a file and in the order of [`Kind`].
pub(crate) const KINDS: &[&str] = &["system", "scrape", "prometheus", "statsd"];

/// A source of a dashboard's numbers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Definition {
    pub(super) kind: Kind,
    /// The time between two readings, in seconds.
    #[serde(default = "default_interval")]
    interval: f64,
    /// Whether it also reads while nobody watches.
    #[serde(default)]
    pub(super) always: bool,
    /// What to read for each key.
    #[serde(default)]
    query: BTreeMap<String, String>,
    /// The server that it reads from.
    #[serde(flatten)]
    pub(super) server: Server,
    /// The address to receive on.
    pub(super) listen: Option<String>,
}

/// What a source reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    System,
    Scrape,
    Prometheus,
    Statsd,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS[*self as usize])
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
        broken.extend(self.server_rules());
        let shown = Shown::of(layout);
        broken.extend(self.query_rules(&shown).map(|rule| ("query", rule)));
        broken
    }

    /// The rules about the server that it reads from.
    fn server_rules(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        let texts = self.server.texts().into_iter();
        let texts = texts.chain([("listen", self.listen.as_deref())]);
        let given = texts.filter_map(|(key, text)| Some((key, text?)));
        let (own, others): (Vec<_>, Vec<_>) = given.partition(|(key, _)| match self.kind {
            Kind::System => false,
            Kind::Scrape | Kind::Prometheus => *key != "listen",
            Kind::Statsd => *key == "listen",
        });
        for (key, _) in others {
            broken.push((
                key,
                format!("a source of kind `{}` has no `{key}`", self.kind),
            ));
        }
        for (key, text) in own {
            if let Err(rule) = variables::check(text) {
                broken.push((key, format!("`{key}`: {rule}")));
            }
        }
        if let Some(listen) = &self.listen
            && !listen.contains("${")
            && listen.parse::<SocketAddr>().is_err()
        {
            let rule = "`listen` must be an IP address and a port, such as `127.0.0.1:8125`";
            broken.push(("listen", rule.to_owned()));
        }
        if !matches!(self.kind, Kind::Scrape | Kind::Prometheus) {
            return broken;
        }
        let is_address = |url: &str| {
            ["http://", "https://", "${"]
                .iter()
                .any(|start| url.starts_with(start))
                && !url.contains(['@', '?', '#', ' '])
        };
        if !self.server.url.as_deref().is_some_and(is_address) {
            let rule = "`url` must be an address with `http://` or `https://`, without a user, a \
                        password, `?` and `#`";
            broken.push(("url", rule.to_owned()));
        }
        broken.extend(self.server.violations());
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
            Kind::Scrape | Kind::Prometheus if self.query.is_empty() => {
                broken.push("`query` must say what to read for each key".to_owned());
            }
            Kind::Scrape => broken.extend(self.query.iter().filter_map(|(key, query)| {
                let rule = Selector::parse(query).err()?;
                Some(format!("`{key}` in `query`: {rule}"))
            })),
            Kind::Prometheus | Kind::Statsd => {}
        }
        broken.into_iter()
    }
}
