//! A dashboard's layout: which metrics it shows, and how. TOML in the hub's
//! files, JSON on the wire, with the same keys.

mod json;
mod seconds;

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::limits::{CHART_POINTS, DRAWS_PER_SECOND, MAX_CHART_POINTS, STALE_AFTER_SECONDS};

/// The event that tells open pages, on the dashboard's channel, that the layout
/// changed. Its data is the layout and, under `dashboard`, the dashboard's
/// name, since several may share a channel. Ours; other clients ignore it.
pub const LAYOUT_CHANGED: &str = "live-dashboard.layout";

/// What one dashboard shows, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The heading.
    pub title: String,
    /// The channel of its messages. By default `dashboard-` and the name, and
    /// the hub's own channel for the default dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The dashboard is stale after this many seconds without numbers. A file
    /// may also say "90s", "2m" or "1h".
    #[serde(default = "Layout::default_stale_after", with = "seconds")]
    pub stale_after: f64,
    /// A page draws at most this many times a second, from 1 to
    /// [`MAX_DRAWS_PER_SECOND`](crate::limits::MAX_DRAWS_PER_SECOND).
    #[serde(default = "Layout::default_max_fps")]
    pub max_fps: u32,
    /// The IANA time zone that times are shown in; the viewer's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// A label beside the heading for the kind of data, such as "Demo data".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The stat cards.
    #[serde(default)]
    pub stat: Vec<Stat>,
    /// The charts.
    #[serde(default)]
    pub chart: Vec<Chart>,
}

impl Layout {
    fn default_stale_after() -> f64 {
        STALE_AFTER_SECONDS
    }

    fn default_max_fps() -> u32 {
        DRAWS_PER_SECOND
    }
}

/// One stat card: a metric of `stats-update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// The metric's key in the event's data.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// How its value is formatted.
    #[serde(default)]
    pub format: Format,
    /// Which way is good; thresholds need one.
    #[serde(default)]
    pub better: Better,
    /// Beyond this value, on the bad side, the card warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Beyond this value, on the bad side, the card is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// A change by less than this fraction of the previous value is neither good
    /// nor bad; [`MIN_CHANGE`](crate::limits::MIN_CHANGE) if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_change: Option<f64>,
}

/// How a number is formatted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Rounded, with separators of thousands: 1,284.
    Integer,
    /// At most two decimals: 3.25.
    #[default]
    Decimal,
    /// A fraction of one as a percentage with one decimal: 0.02 is 2.0%.
    Percent,
    /// Milliseconds: 45 ms.
    Milliseconds,
    /// Bytes in the largest binary unit that fits: 1.5 GiB.
    Bytes,
}

/// Which direction of a metric is good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better: a rise is good.
    Higher,
    /// Less is better: a fall is good.
    Lower,
    /// No change is good or bad.
    #[default]
    Neither,
}

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
    /// Which way is good: decides on which side of a threshold its band lies.
    #[serde(default)]
    pub better: Better,
    /// Values beyond this one, on the bad side, lie in the warning band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Values beyond this one, on the bad side, lie in the critical band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// The series, the first at the back.
    pub series: Vec<Series>,
}

/// How a chart's points are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// A bar for each point and series.
    #[default]
    Bars,
    /// A line for each series.
    Lines,
}

impl Chart {
    /// The most points that a chart may show.
    pub const MAX_POINTS: usize = MAX_CHART_POINTS;

    fn default_points() -> usize {
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

impl Default for Layout {
    /// The four cards and the request bars of the protocol's own events.
    fn default() -> Self {
        Json::parse(include_str!("layout/default.json"))
            .and_then(|layout| Self::from_json(&layout))
            .expect("a test reads the default layout")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_layout_as_json() {
        insta::assert_json_snapshot!(Layout::default());
    }

    #[test]
    fn absent_keys_have_defaults() {
        let layout: Layout = serde_json::from_str(
            r#"{"title":"T","stat":[{"key":"k","label":"K"}],"chart":[{"title":"C","series":[{"key":"s"}]}]}"#,
        )
        .expect("a layout");
        assert_eq!(layout.max_fps, 5);
        assert_eq!(layout.stat[0].format, Format::Decimal);
        assert_eq!(layout.stat[0].better, Better::Neither);
        assert_eq!(layout.chart[0].points, 20);
        assert_eq!(layout.chart[0].series[0].label(), "s");
    }
}
