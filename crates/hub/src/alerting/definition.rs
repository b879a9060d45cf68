//! The keys of a dashboard's file about alerts, and their rules. Pages never see them.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use live_dashboard_protocol::layout::{Layout, PanelKind};
use serde::Deserialize;
use serde_json::Value;

use super::rules::watched;

/// The limits of `for`, in seconds.
pub(crate) const HOLD: RangeInclusive<f64> = 1.0..=24.0 * 3600.0;
/// The limits of `hysteresis`, a fraction of the threshold.
pub(crate) const HYSTERESIS: RangeInclusive<f64> = 0.0..=1.0;
/// What it is by default.
pub(crate) const DEFAULT_HYSTERESIS: f64 = 0.05;
/// The limits of `no_data_alert`, in times of `stale_after`.
pub(crate) const NO_DATA_AFTER: RangeInclusive<f64> = 1.0..=1000.0;
/// The most values of a dashboard that may alert.
const MAX_RULES: usize = 256;

/// What a dashboard's file says about alerts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definition {
    /// After how many times `stale_after` without a message there is an alert.
    pub(super) no_data_after: Option<f64>,
    /// The panels that say something about alerts, by their kind and place.
    pub(super) panels: Vec<(PanelKind, usize, Panel)>,
}

/// What a panel says about alerts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Panel {
    pub(super) alert: bool,
    /// For how long a state must last before it is an alert, in seconds.
    #[serde(rename = "for")]
    pub(super) hold: Option<f64>,
    pub(super) hysteresis: Option<f64>,
}

/// A rule that is broken: the panel, the key, and the rule. Without them it is about the whole
/// file, or the whole panel.
pub(crate) type Violation = (Option<(PanelKind, usize)>, Option<&'static str>, String);

impl Definition {
    /// Reads the values of a file, each of its key's type.
    pub(crate) fn read(file: &Value) -> Self {
        let mut panels = Vec::new();
        for (name, kind) in PanelKind::ALL {
            for (index, panel) in file[name].as_array().into_iter().flatten().enumerate() {
                match Panel::deserialize(panel) {
                    Ok(panel) if panel != Panel::default() => panels.push((kind, index, panel)),
                    _ => {}
                }
            }
        }
        let no_data_after = file["no_data_alert"].as_f64();
        Self {
            no_data_after,
            panels,
        }
    }

    /// The rules that it breaks in a file with this layout.
    pub(crate) fn violations(&self, layout: &Layout) -> Vec<Violation> {
        let mut broken = Vec::new();
        if let Some(times) = self.no_data_after
            && !NO_DATA_AFTER.contains(&times)
        {
            let rule = format!(
                "`no_data_alert` must be from {} to {} times `stale_after`",
                NO_DATA_AFTER.start(),
                NO_DATA_AFTER.end()
            );
            broken.push((None, Some("no_data_alert"), rule));
        }
        let mut known = HashSet::new();
        for (kind, index, panel) in &self.panels {
            let place = Some((*kind, *index));
            let mut add = |key, rule: String| broken.push((place, key, rule));
            for (key, given) in [
                ("for", panel.hold.is_some()),
                ("hysteresis", panel.hysteresis.is_some()),
            ] {
                if given && !panel.alert {
                    add(Some(key), format!("`{key}` needs `alert = true`"));
                }
            }
            if panel.hold.is_some_and(|hold| !HOLD.contains(&hold)) {
                add(Some("for"), "`for` must be from 1s to 24h".into());
            }
            if panel.hysteresis.is_some_and(|it| !HYSTERESIS.contains(&it)) {
                let rule = "`hysteresis` must be from 0 to 1, such as 0.05 for 5% of the threshold";
                add(Some("hysteresis"), rule.into());
            }
            let Some(watched) = watched(layout, *kind, *index).filter(|_| panel.alert) else {
                continue;
            };
            let has_states = matches!(kind, PanelKind::Status | PanelKind::Timeline);
            if !has_states && watched.judge.warning.or(watched.judge.critical).is_none() {
                add(None, "`alert` needs `warning` or `critical`".into());
            }
            for (metric, _) in watched.values {
                let of_chart = *kind == PanelKind::Chart;
                if !known.insert((of_chart, watched.judge.channel.clone(), metric.clone())) {
                    let rule = format!("another panel has an alert of `{metric}` already");
                    add(None, rule);
                }
            }
        }
        if known.len() > MAX_RULES {
            let rule = format!("a dashboard may have alerts of at most {MAX_RULES} values");
            broken.push((None, None, rule));
        }
        broken
    }
}
