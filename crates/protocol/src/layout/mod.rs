//! A dashboard's layout: which metrics it shows, and how. TOML in the hub's
//! files, JSON on the wire, with the same keys.

mod channels;
mod chart;
mod json;
mod notation;
mod panel;
mod row;
mod seconds;
mod states;

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::limits::{DRAWS_PER_SECOND, STALE_AFTER_SECONDS};
use notation::impl_notation;

pub use channels::{is_qualified, qualified, unqualified};
pub use chart::{Chart, ChartKind, Scale, Series};
pub use notation::{Better, Format, Notation, Severity};
pub use panel::{Column, Panel, PanelKind};
pub use row::{PanelRef, Row};
pub use seconds::parse as parse_seconds;

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
    /// Numbers on dials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gauge: Vec<Panel>,
    /// Tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<Panel>,
    /// Rankings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<Panel>,
    /// States as tiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Panel>,
    /// States over time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Panel>,
    /// Texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<Panel>,
    /// Clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clock: Vec<Panel>,
    /// The alert feed; in a layout without rows it is always there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Panel>,
    /// The rows of the page. Without rows the cards are above the charts, and the
    /// alerts beside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row: Vec<Row>,
}

impl Layout {
    fn default_stale_after() -> f64 {
        STALE_AFTER_SECONDS
    }

    fn default_max_fps() -> u32 {
        DRAWS_PER_SECOND
    }

    /// The panels of a kind; none of cards and charts, which have types of their own.
    pub fn panels(&self, kind: PanelKind) -> &[Panel] {
        match kind {
            PanelKind::Stat | PanelKind::Chart => &[],
            PanelKind::Gauge => &self.gauge,
            PanelKind::Table => &self.table,
            PanelKind::List => &self.list,
            PanelKind::Status => &self.status,
            PanelKind::Timeline => &self.timeline,
            PanelKind::Text => &self.text,
            PanelKind::Clock => &self.clock,
            PanelKind::Alerts => &self.alerts,
        }
    }

    /// The panel of this name, in upper or lower case: the first whose key it is, or else
    /// whose heading, or else of this kind.
    pub fn panel_named(&self, name: &str) -> Option<PanelRef> {
        for place in 0..3 {
            for (_, kind) in PanelKind::ALL {
                let mut panels = (0..).map_while(|index| self.names(kind, index));
                let found = panels.position(|names| names[place].eq_ignore_ascii_case(name));
                if let Some(index) = found {
                    return Some(PanelRef { kind, index });
                }
            }
        }
        None
    }

    /// A panel's key, heading and kind; what it does not have is empty.
    fn names(&self, kind: PanelKind, index: usize) -> Option<[&str; 3]> {
        let (key, title) = match kind {
            PanelKind::Stat => {
                let stat = self.stat.get(index)?;
                (stat.key.as_str(), stat.label.as_str())
            }
            PanelKind::Chart => ("", self.chart.get(index)?.title.as_str()),
            // Without rows there is a feed, with or without a panel of it.
            PanelKind::Alerts if self.row.is_empty() && index == 0 => {
                let panel = self.alerts.first();
                ("", panel.map_or("", |panel| panel.title.as_str()))
            }
            kind => {
                let panel = self.panels(kind).get(index)?;
                (
                    panel.key.as_deref().unwrap_or_default(),
                    panel.title.as_str(),
                )
            }
        };
        Some([key, title, kind.name()])
    }

    /// All panels but cards and charts, with their kinds.
    pub fn all_panels(&self) -> impl Iterator<Item = (PanelKind, &Panel)> {
        let kinds = PanelKind::ALL.into_iter();
        kinds.flat_map(|(_, kind)| self.panels(kind).iter().map(move |panel| (kind, panel)))
    }

    /// The keys of `stats-update` that it shows, each with the panels' kinds; a key may
    /// occur more than once.
    pub fn keys(&self) -> impl Iterator<Item = (PanelKind, &str)> {
        let cards = self.stat.iter();
        let cards = cards.map(|stat| (PanelKind::Stat, stat.key.as_str()));
        let panels = self.all_panels();
        cards.chain(panels.flat_map(|(kind, panel)| panel.keys().map(move |key| (kind, key))))
    }
}

impl_notation!(Stat, Chart, Panel, Column);

/// One stat card: a metric of `stats-update`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// The metric's key in the event's data.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// How its value is formatted.
    #[serde(default)]
    pub format: Format,
    /// Text after its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The number of decimals; the format's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Which way is good; thresholds need one.
    #[serde(default)]
    pub better: Better,
    /// Beyond this value, on the bad side, the card warns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Beyond this value, on the bad side, the card is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// A change by less than this fraction of the previous value, or of 100% for a
    /// percentage, is neither good nor bad; [`MIN_CHANGE`](crate::limits::MIN_CHANGE) if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_change: Option<f64>,
    /// The channel of its metric; the dashboard's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The number of a row's 12 columns that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<u32>,
    /// The address that its label links to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Default for Layout {
    /// The four cards and the request bars of the protocol's own events.
    fn default() -> Self {
        Json::parse(include_str!("default.json"))
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
    fn a_panel_is_found_by_key_then_heading_then_kind() {
        let mut layout = Layout::default();
        let gauge = |key: &str, title: &str| Panel {
            key: Some(key.into()),
            title: title.into(),
            ..Panel::default()
        };
        layout.gauge = vec![gauge("load", "Requests"), gauge("chart", "Memory")];
        for (name, place) in [
            ("errorRate", "stat.2"),
            ("ERRORRATE", "stat.2"),
            ("Avg Latency", "stat.3"),
            ("memory", "gauge.1"),
            ("load", "gauge.0"),
            ("chart", "gauge.1"),
            ("stat", "stat.0"),
            ("alerts", "alerts.0"),
        ] {
            let found = layout.panel_named(name).map(|found| found.to_string());
            assert_eq!(found.as_deref(), Some(place), "{name}");
        }
        for none in ["clock", "errors"] {
            assert_eq!(layout.panel_named(none), None, "{none}");
        }
        layout.row = vec![Row::default()];
        assert_eq!(layout.panel_named("alerts"), None);
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
