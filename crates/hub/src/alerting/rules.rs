//! What alerts on a dashboard.

use live_dashboard_protocol::layout::{Layout, Panel, PanelKind};
use live_dashboard_protocol::name::ChannelName;

use super::definition::{DEFAULT_HYSTERESIS, Definition};
use super::rule::{Rule, relaxed};

/// The first word of the keys of alerts about values.
const THRESHOLD: &str = "threshold";
/// The first words of the keys of alerts that nothing arrives.
const NO_DATA: &str = "no data";

/// What alerts on a dashboard, and where it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The dashboard's name.
    pub(super) dashboard: String,
    /// Its heading.
    pub(super) title: String,
    /// Its own channel.
    pub(super) channel: ChannelName,
    /// The values that alert.
    pub(super) values: Vec<Rule>,
    /// After how many seconds without a message there is an alert.
    pub(super) no_data_after: Option<f64>,
    /// The key of that alert.
    pub(super) no_data_key: String,
}

/// What a panel shows that may alert.
pub(super) struct Watched {
    /// Its thresholds, states and notation.
    pub(super) judge: Panel,
    /// The keys, each with its name for people.
    pub(super) values: Vec<(String, String)>,
}

impl Rules {
    /// Those of a dashboard, in whose layout the keys of other channels are qualified.
    pub(crate) fn new(
        dashboard: &str,
        channel: &ChannelName,
        layout: &Layout,
        definition: &Definition,
    ) -> Self {
        let mut values = Vec::new();
        for (kind, index, panel) in definition.panels.iter().filter(|(.., panel)| panel.alert) {
            let Some(watched) = watched(layout, *kind, *index) else {
                continue;
            };
            let hysteresis = panel.hysteresis.unwrap_or(DEFAULT_HYSTERESIS);
            for (metric, label) in watched.values {
                values.push(Rule {
                    key: format!("{THRESHOLD} {dashboard} {} {metric}", kind.name()),
                    kind: *kind,
                    metric,
                    label,
                    hold: panel.hold.unwrap_or(0.0),
                    relaxed: relaxed(&watched.judge, hysteresis),
                    judge: watched.judge.clone(),
                });
            }
        }
        let no_data_after = definition.no_data_after;
        Self {
            dashboard: dashboard.to_owned(),
            title: layout.title.clone(),
            channel: channel.clone(),
            values,
            no_data_after: no_data_after.map(|times| times * layout.stale_after),
            no_data_key: format!("{NO_DATA} {dashboard}"),
        }
    }

    /// The same dashboard without anything that alerts.
    pub(super) fn none(&self) -> Self {
        Self {
            values: Vec::new(),
            no_data_after: None,
            ..self.clone()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.no_data_after.is_none()
    }

    /// Whether something alerts by what arrives on a channel.
    pub(crate) fn need(&self, channel: &ChannelName) -> bool {
        let own = *channel == self.channel;
        let other = |rule: &Rule| match &rule.judge.channel {
            Some(other) => other == channel.as_str(),
            None => own,
        };
        (own && self.no_data_after.is_some()) || self.values.iter().any(other)
    }

    /// Whether an alert with this key is one of the dashboard's, by its present rules or
    /// by earlier ones.
    pub(super) fn owns(&self, key: &str) -> bool {
        let of_value = key.strip_prefix(THRESHOLD).and_then(|key| {
            let key = key.strip_prefix(' ')?.strip_prefix(&self.dashboard)?;
            key.strip_prefix(' ')
        });
        of_value.is_some() || key == self.no_data_key
    }
}

/// Whether the alert with this key is the hub's own, of any dashboard, and so no sign that
/// anything else works.
pub(super) fn is_own(key: &str) -> bool {
    let first_words = [THRESHOLD, NO_DATA, crate::sources::ALERT_KEY];
    first_words.iter().any(|words| {
        let rest = key.strip_prefix(words);
        rest.is_some_and(|rest| rest.starts_with(' '))
    })
}

/// What a panel shows that may alert; `None` if there is no such panel.
pub(super) fn watched(layout: &Layout, kind: PanelKind, index: usize) -> Option<Watched> {
    Some(match kind {
        PanelKind::Stat => {
            let stat = layout.stat.get(index)?;
            Watched {
                judge: Panel {
                    format: stat.format,
                    unit: stat.unit.clone(),
                    decimals: stat.decimals,
                    better: stat.better,
                    warning: stat.warning,
                    critical: stat.critical,
                    channel: stat.channel.clone(),
                    ..Panel::default()
                },
                values: vec![(stat.key.clone(), stat.label.clone())],
            }
        }
        PanelKind::Chart => {
            let chart = layout.chart.get(index)?;
            let series = chart.series.iter().map(|series| {
                let label = match chart.series.len() {
                    1 => chart.title.clone(),
                    _ => format!("{}: {}", chart.title, series.label()),
                };
                (series.key.clone(), label)
            });
            Watched {
                values: series.collect(),
                judge: Panel {
                    format: chart.format,
                    unit: chart.unit.clone(),
                    decimals: chart.decimals,
                    better: chart.better,
                    warning: chart.warning,
                    critical: chart.critical,
                    channel: chart.channel.clone(),
                    ..Panel::default()
                },
            }
        }
        kind => {
            let panel = layout.panels(kind).get(index)?;
            let values = panel.labels().map(|(key, label)| {
                // A list may have no title, and its key a channel before it.
                let name = Some(label).filter(|label| !label.is_empty());
                let name = name.or(key.rsplit('#').next()).unwrap_or(key);
                (key.to_owned(), name.to_owned())
            });
            Watched {
                values: values.collect(),
                judge: panel.clone(),
            }
        }
    })
}
