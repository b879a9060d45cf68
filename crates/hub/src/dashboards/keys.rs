//! The keys of a layout's tables, and the types of their values.

use live_dashboard_protocol::layout::{ChartKind, Format, PanelKind};

use crate::{notify, sources};

pub(super) const LAYOUT: &[&str] = &[
    "title",
    "viewers",
    "note",
    "channel",
    "stale_after",
    "no_data_alert",
    "max_fps",
    "time_zone",
    "source",
    "notify",
    "row",
    "stat",
    "chart",
    "gauge",
    "table",
    "list",
    "status",
    "timeline",
    "text",
    "clock",
    "alerts",
];
pub(super) const ROW: &[&str] = &["title"];
pub(super) const SERIES: &[&str] = &["key", "label"];
pub(super) const COLUMN: &[&str] = &["key", "label", "format", "unit", "decimals"];

/// The keys of a panel.
pub(super) fn of(kind: PanelKind) -> &'static [&'static str] {
    match kind {
        PanelKind::Stat => &[
            "key",
            "label",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "min_change",
            "alert",
            "for",
            "hysteresis",
            "channel",
            "span",
            "link",
        ],
        PanelKind::Chart => &[
            "title",
            "points",
            "kind",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "alert",
            "for",
            "hysteresis",
            "scale",
            "min",
            "max",
            "series",
            "channel",
            "span",
            "link",
        ],
        PanelKind::Gauge => &[
            "title",
            "key",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "alert",
            "for",
            "hysteresis",
            "min",
            "max",
            "channel",
            "span",
            "link",
        ],
        PanelKind::Table => &[
            "title", "key", "columns", "sort", "limit", "channel", "span", "link",
        ],
        PanelKind::List => &[
            "title",
            "key",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "alert",
            "for",
            "hysteresis",
            "limit",
            "channel",
            "span",
            "link",
        ],
        PanelKind::Status | PanelKind::Timeline => &[
            "title",
            "items",
            "states",
            "format",
            "unit",
            "decimals",
            "better",
            "warning",
            "critical",
            "alert",
            "for",
            "hysteresis",
            "channel",
            "span",
            "link",
        ],
        PanelKind::Text => &["title", "text", "key", "channel", "span", "link"],
        PanelKind::Clock => &["title", "time_zone", "span", "link"],
        PanelKind::Alerts => &["title", "span", "link"],
    }
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    /// A whole number that is not negative.
    Whole,
    /// A number of seconds, or a text such as "10s".
    Duration,
    Texts,
    /// A table of words and how bad each is.
    States,
    /// A table of texts.
    Queries,
    Flag,
    /// One of some words.
    Word(&'static [&'static str]),
    /// Several tables with these keys.
    Tables(Table),
}

/// A table in a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Layout,
    Row,
    Panel(PanelKind),
    Series,
    Column,
    Source,
    Notify,
}

/// How bad a state is, by the names that layouts use.
pub(super) const SEVERITIES: &[&str] = &["ok", "warning", "critical"];
const BETTER: &[&str] = &["higher", "lower", "neither"];
const SCALES: &[&str] = &["linear", "log"];
const FORMATS: &[&str] = &names(&Format::ALL);
const KINDS: &[&str] = &names(&ChartKind::ALL);

const fn names<T: Copy, const N: usize>(all: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut n = 0;
    while n < N {
        names[n] = all[n].0;
        n += 1;
    }
    names
}

impl Table {
    /// Its keys.
    pub(super) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Layout => LAYOUT,
            Self::Row => ROW,
            Self::Panel(kind) => of(kind),
            Self::Series => SERIES,
            Self::Column => COLUMN,
            Self::Source => sources::ALL_KEYS,
            Self::Notify => notify::ALL_KEYS,
        }
    }

    /// The keys that it must have.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Layout => &["title"],
            Self::Panel(PanelKind::Stat) => &["key", "label"],
            Self::Panel(PanelKind::Chart) => &["title", "series"],
            Self::Panel(PanelKind::Gauge) => &["title", "key"],
            Self::Panel(PanelKind::Table | PanelKind::List) | Self::Series | Self::Column => {
                &["key"]
            }
            Self::Panel(PanelKind::Status | PanelKind::Timeline) => &["items"],
            Self::Source | Self::Notify => &["kind"],
            Self::Panel(_) | Self::Row => &[],
        }
    }

    /// The type of one of its keys.
    pub(super) fn type_of(self, key: &str) -> Type {
        let panel = PanelKind::ALL.into_iter().find(|(name, _)| *name == key);
        match (self, key, panel) {
            (Self::Layout, "row", _) => Type::Tables(Self::Row),
            (Self::Layout, "source", _) => Type::Tables(Self::Source),
            (Self::Layout, "notify", _) => Type::Tables(Self::Notify),
            (Self::Notify, "kind", _) => Type::Word(notify::KINDS),
            (Self::Notify, "level", _) => Type::Word(notify::LEVELS),
            (Self::Notify, "tls", _) => Type::Word(notify::TLS),
            (Self::Notify, "resolved", _) => Type::Flag,
            (Self::Notify, "group" | "interval", _) => Type::Duration,
            (Self::Notify, "headers", _) => Type::Queries,
            (Self::Notify, "to", _) => Type::Texts,
            (Self::Source, "kind", _) => Type::Word(sources::KINDS),
            (Self::Source, "interval", _) => Type::Duration,
            (Self::Source, "always", _) | (Self::Panel(_), "alert", _) => Type::Flag,
            (Self::Source, "query", _) => Type::Queries,
            (Self::Layout, _, Some((_, kind))) => Type::Tables(Self::Panel(kind)),
            (_, "series" | "items", _) => Type::Tables(Self::Series),
            (_, "columns", _) => Type::Tables(Self::Column),
            (_, "viewers", _) => Type::Texts,
            (_, "states", _) => Type::States,
            (_, "stale_after" | "for", _) => Type::Duration,
            (_, "max_fps" | "decimals" | "span" | "points" | "limit", _) => Type::Whole,
            (_, "warning" | "critical" | "min_change" | "min" | "max", _)
            | (_, "hysteresis" | "no_data_alert", _) => Type::Number,
            (_, "format", _) => Type::Word(FORMATS),
            (_, "better", _) => Type::Word(BETTER),
            (_, "kind", _) => Type::Word(KINDS),
            (_, "scale", _) => Type::Word(SCALES),
            _ => Type::Text,
        }
    }
}
