//! Charts: series of `chart-data` over time.

use serde::{Deserialize, Serialize};

use super::{Better, Format};
use crate::limits::{CHART_POINTS, MAX_CHART_POINTS};

/// One chart: series of `chart-data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The chart's heading.
    pub title: String,
    /// How many points it shows, the newest ones.
    #[serde(default = "Chart::default_points")]
    pub points: usize,
    /// How the points are drawn.
    #[serde(default)]
    pub kind: ChartKind,
    /// How its values are formatted.
    #[serde(default)]
    pub format: Format,
    /// Text after its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The number of decimals; the format's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Which way is good: decides on which side of a threshold its band lies.
    #[serde(default)]
    pub better: Better,
    /// Values beyond this one, on the bad side, lie in the warning band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Values beyond this one, on the bad side, lie in the critical band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// The scale of the value axis.
    #[serde(default, skip_serializing_if = "Scale::is_linear")]
    pub scale: Scale,
    /// The lower end of the value axis; chosen by the values if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The upper end of the value axis; chosen by the values if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The channel of its series; the dashboard's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The number of a row's 12 columns that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<u32>,
    /// The address that its title links to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The series, the first at the back.
    pub series: Vec<Series>,
}

/// How a chart's points are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// A bar for each point and series, later series narrower in front.
    #[default]
    Bars,
    /// A bar for each point, made of the series on top of each other.
    Stacked,
    /// A bar for each point and series, side by side.
    Grouped,
    /// A line for each series.
    Lines,
    /// A line for each series, filled down to zero.
    Areas,
    /// A dot for each point and series.
    Points,
}

impl ChartKind {
    /// All kinds, by the names that layouts use.
    pub const ALL: [(&str, Self); 6] = [
        ("bars", Self::Bars),
        ("stacked", Self::Stacked),
        ("grouped", Self::Grouped),
        ("lines", Self::Lines),
        ("areas", Self::Areas),
        ("points", Self::Points),
    ];

    /// Whether values are drawn from zero.
    pub fn has_bars(self) -> bool {
        matches!(self, Self::Bars | Self::Stacked | Self::Grouped)
    }
}

/// The scale of a chart's value axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal factors. Values of zero and less are at the bottom.
    Log,
}

impl Scale {
    fn is_linear(&self) -> bool {
        *self == Self::Linear
    }
}

impl Chart {
    /// The most points that a chart may show.
    pub const MAX_POINTS: usize = MAX_CHART_POINTS;

    pub(super) fn default_points() -> usize {
        CHART_POINTS
    }
}

/// One series of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The series' key in the event's data.
    pub key: String,
    /// Its name for people; the key if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Series {
    /// Its name for people.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.key)
    }
}
