//! Panels that are neither cards nor charts.

use serde::{Deserialize, Serialize};

use super::{Better, Format, Series, Severity, states};
use crate::json::Json;

/// What a panel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelKind {
    /// A stat card.
    Stat,
    /// A chart.
    Chart,
    /// A number on a dial with the ranges of its thresholds.
    Gauge,
    /// Rows of a list of objects.
    Table,
    /// The largest of several named numbers, with bars.
    List,
    /// The states of several keys as tiles.
    Status,
    /// The states of several keys over time.
    Timeline,
    /// Text from the layout, or from a key.
    Text,
    /// The time of day.
    Clock,
    /// The alert feed.
    Alerts,
}

impl PanelKind {
    /// All kinds, by the names of their tables in a layout.
    pub const ALL: [(&str, Self); 10] = [
        ("stat", Self::Stat),
        ("chart", Self::Chart),
        ("gauge", Self::Gauge),
        ("table", Self::Table),
        ("list", Self::List),
        ("status", Self::Status),
        ("timeline", Self::Timeline),
        ("text", Self::Text),
        ("clock", Self::Clock),
        ("alerts", Self::Alerts),
    ];

    /// Whether it shows a value of this type. Cards show numbers.
    pub fn takes(self, value: &Json) -> bool {
        match self {
            Self::Stat | Self::Gauge => matches!(value, Json::Number(_)),
            Self::Table => matches!(value, Json::Array(_)),
            Self::List => matches!(value, Json::Array(_) | Json::Object(_)),
            Self::Status | Self::Timeline | Self::Text => {
                matches!(value, Json::Number(_) | Json::Text(_) | Json::Bool(_))
            }
            Self::Chart | Self::Clock | Self::Alerts => false,
        }
    }

    /// The rule for the values that it takes, to follow the name of a key.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Table => "must be an array",
            Self::List => "must be an array or an object",
            Self::Status | Self::Timeline | Self::Text => "must be a number, a text or a boolean",
            _ => "must be a number",
        }
    }

    /// The name of its table in a layout.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// A panel of any kind but a card and a chart. Each kind uses some of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Panel {
    /// The heading; none if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The key in the data of `stats-update`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The keys of several states.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Series>,
    /// How numbers are formatted.
    pub format: Format,
    /// Text after numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The number of decimals; the format's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Which way is good; thresholds need one.
    pub better: Better,
    /// Numbers beyond this one, on the bad side, are a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Numbers beyond this one, on the bad side, are critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// How bad a text or a boolean is; [`Panel::state`] has defaults.
    #[serde(skip_serializing_if = "Vec::is_empty", with = "states")]
    pub states: Vec<(String, Severity)>,
    /// The lower end of a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The upper end of a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The columns of a table; without any, the keys of the first row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// The column that a table is sorted by, with `-` before it for the largest
    /// first; in the order of the data if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// The most rows of a table or list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The text, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The IANA time zone of a clock; the dashboard's if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The channel of its keys; the dashboard's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The number of a row's 12 columns that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<u32>,
    /// The address that its title links to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Words that say how a thing is, and how bad that is, unless a panel says otherwise.
const WORDS: [(&str, Severity); 18] = [
    ("true", Severity::Ok),
    ("ok", Severity::Ok),
    ("up", Severity::Ok),
    ("online", Severity::Ok),
    ("running", Severity::Ok),
    ("healthy", Severity::Ok),
    ("ready", Severity::Ok),
    ("warning", Severity::Warning),
    ("degraded", Severity::Warning),
    ("pending", Severity::Warning),
    ("unknown", Severity::Warning),
    ("false", Severity::Critical),
    ("error", Severity::Critical),
    ("critical", Severity::Critical),
    ("down", Severity::Critical),
    ("offline", Severity::Critical),
    ("failed", Severity::Critical),
    ("unhealthy", Severity::Critical),
];

impl Panel {
    /// How bad a state is, in lower or upper case; `None` for one that is neither good
    /// nor bad.
    pub fn state(&self, word: &str) -> Option<Severity> {
        let own = self.states.iter();
        let own = own.map(|(known, severity)| (known.as_str(), *severity));
        let mut known = own.chain(WORDS);
        let found = known.find(|(known, _)| known.eq_ignore_ascii_case(word));
        found.map(|(_, severity)| severity)
    }

    /// The keys of `stats-update` that it shows.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.labels().map(|(key, _)| key)
    }

    /// The keys of `stats-update` that it shows, with their names for people.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let key = self.key.as_deref().map(|key| (key, self.title.as_str()));
        let items = self.items.iter();
        let items = items.map(|item| (item.key.as_str(), item.label()));
        key.into_iter().chain(items)
    }
}

/// One column of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The key in a row.
    pub key: String,
    /// Its heading; the key if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How numbers are formatted.
    #[serde(default)]
    pub format: Format,
    /// Text after numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The number of decimals; the format's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Column {
    /// Its heading.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.key)
    }
}
