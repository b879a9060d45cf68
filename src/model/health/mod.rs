//! The health of the whole dashboard in one word, and the reasons for it.

use live_dashboard_protocol::layout::{Notation, PanelKind};
use live_dashboard_protocol::message::{Level, Status};

use crate::model::format::word;
use crate::model::table::ranking;
use crate::model::trend::{Severity, chart_severity, panel_severity, severity};
use crate::model::{AlertEntry, Alerts, Connection, Model, Notes};

/// How long an alert without a key or a status counts, in milliseconds.
const ALERT_LIFETIME: f64 = 5.0 * 60.0 * 1000.0;

/// The health of the whole dashboard.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Health {
    /// Nothing has arrived yet that can be judged.
    #[default]
    Waiting,
    /// All values are within their thresholds.
    Ok,
    /// A value is beyond its warning threshold, or a warning is active.
    Warning,
    /// A value is beyond its critical threshold, or an error is active.
    Critical,
    /// The last numbers were good, but for some that are judged none arrived for longer
    /// than the layout allows.
    Stale {
        /// When the oldest of them were published, in milliseconds since the Unix
        /// epoch by the viewer's clock.
        since: f64,
    },
    /// There is no connection.
    Disconnected,
}

impl Health {
    /// The name in one word, for stylesheets and tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Stale { .. } => "stale",
            Self::Disconnected => "disconnected",
        }
    }
}

/// A reason for a warning or a critical state, or what else to know about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// A value beyond one of its thresholds.
    Value {
        /// The label of the metric or series.
        label: String,
        /// How the value is written.
        notation: Notation,
        /// The value.
        value: f64,
    },
    /// A state that is not ok.
    State {
        /// The label of its key.
        label: String,
        /// The state.
        state: String,
    },
    /// The message of an active alert.
    Alert(String),
    /// No numbers arrived for longer than the layout allows. The last ones were
    /// published then, in milliseconds since the Unix epoch by the viewer's clock.
    Stale(f64),
    /// So many cards, panels and charts that are judged are stale, but others are not.
    StaleValues(usize),
}

/// The dashboard's health and the reasons for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The health.
    pub health: Health,
    /// The worst values and alerts: cards first, then panels, charts and alerts, then
    /// what is stale; empty if the health is `Waiting` or `Ok`, or `Stale` for all numbers,
    /// or `Disconnected` and was one of them before.
    pub reasons: Vec<Reason>,
    /// For each card, then for each panel in the order of
    /// [`Layout::all_panels`](live_dashboard_protocol::layout::Layout::all_panels), and
    /// then for each chart, when its latest value was published if it is stale, in
    /// milliseconds since the Unix epoch by the viewer's clock.
    pub stale: Vec<Option<f64>>,
}

/// When something was last received.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    /// When the last numbers were published, in milliseconds since the Unix
    /// epoch by the viewer's clock; `None` before the first.
    pub numbers_at: Option<f64>,
    /// Whether any alert arrived.
    pub alerted: bool,
}

impl Model {
    /// The dashboard's health at `now`, in milliseconds since the Unix epoch by the
    /// viewer's clock.
    ///
    /// Without a connection, values and alerts do not count: they may be better or
    /// worse by now. While the first connection is made, those of a drawn page count.
    /// The last values count also while they are stale: what was wrong is told first.
    ///
    /// A dashboard that only gets alerts never becomes stale, and alerts have no
    /// effect on the age of numbers. Without numbers, a good state is only told of a
    /// dashboard that shows none. An alert is active while it has a key and is
    /// firing; one that lacks either counts for five minutes. Acknowledged and muted
    /// alerts do not count.
    pub fn assess(&self, notes: &Notes, now: f64) -> Assessment {
        let is_stale = |since: &f64| now - since > self.layout().stale_after * 1000.0;
        let cards = self.layout().stat.iter();
        let cards = cards.map(|stat| {
            let known = self.stats().get(&stat.key);
            (
                stat.warning.or(stat.critical).is_some(),
                known.map(|known| known.updated_at),
            )
        });
        let panels = self.layout().all_panels().map(|(kind, panel)| {
            let is_judged = match kind {
                PanelKind::Status | PanelKind::Timeline => true,
                kind => has_severity(kind) && panel.warning.or(panel.critical).is_some(),
            };
            let times = panel.keys().filter_map(|key| self.stats().updated_at(key));
            (is_judged, times.reduce(f64::max))
        });
        let charts = self.layout().chart.iter();
        let charts = charts.map(|chart| {
            let is_judged = chart.warning.or(chart.critical).is_some();
            (is_judged, self.history().published_at(chart))
        });
        let (mut oldest, mut count) = (f64::INFINITY, 0);
        let times = cards.chain(panels).chain(charts).map(|(is_judged, at)| {
            let stale = at.filter(is_stale);
            if let (true, Some(at)) = (is_judged, stale) {
                (oldest, count) = (oldest.min(at), count + 1);
            }
            stale
        });
        let stale = times.collect();
        let all_since = self.activity().numbers_at.filter(is_stale);
        let told = match all_since {
            Some(since) => Some(Reason::Stale(since)),
            None => (count > 0).then_some(Reason::StaleValues(count)),
        };
        let (worst, mut reasons) = self.worst(notes, now);
        let health = match (self.connection(), worst) {
            (Connection::Reconnecting { .. } | Connection::Refused { .. }, _) => {
                Health::Disconnected
            }
            (_, Health::Ok) if told.is_some() => Health::Stale {
                since: all_since.unwrap_or(oldest),
            },
            (_, Health::Ok) if !self.is_judged() => Health::Waiting,
            _ => worst,
        };
        // What was wrong is told next to a disconnection, and all that is stale is the
        // state itself.
        let is_told = match health {
            Health::Disconnected => false,
            Health::Stale { .. } => all_since.is_none(),
            _ => true,
        };
        reasons.extend(told.filter(|_| is_told));
        Assessment {
            health,
            reasons,
            stale,
        }
    }

    /// Whether something has arrived that can be good or bad.
    fn is_judged(&self) -> bool {
        let layout = self.layout();
        let shows_numbers = layout.keys().next().is_some() || !layout.chart.is_empty();
        let activity = self.activity();
        activity.numbers_at.is_some() || activity.alerted && !shows_numbers
    }

    fn worst(&self, notes: &Notes, now: f64) -> (Health, Vec<Reason>) {
        let (mut worst, mut reasons) = (Severity::Ok, Vec::new());
        let mut add = |severity, reason: &dyn Fn() -> Reason| {
            if severity > worst {
                reasons.clear();
                worst = severity;
            }
            if severity == worst && severity != Severity::Ok {
                let reason = reason();
                // Several panels may show one key.
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        };
        let value = |label: &str, notation, value| Reason::Value {
            label: label.to_owned(),
            notation,
            value,
        };
        for stat in &self.layout().stat {
            if let Some(known) = self.stats().get(&stat.key) {
                let reason = || value(&stat.label, stat.notation(), known.value);
                add(severity(stat, known.value), &reason);
            }
        }
        for (kind, panel) in self.layout().all_panels() {
            if !has_severity(kind) {
                continue;
            }
            for (key, label) in panel.labels() {
                let Some(known) = self.stats().value(kind, key) else {
                    continue;
                };
                if kind == PanelKind::List {
                    for entry in ranking(panel, known).0 {
                        let reason = || value(&entry.name, panel.notation(), entry.value);
                        add(entry.severity, &reason);
                    }
                    continue;
                }
                let reason = || match known.number() {
                    Some(number) => value(label, panel.notation(), number),
                    None => Reason::State {
                        label: label.to_owned(),
                        state: word(known),
                    },
                };
                add(panel_severity(panel, known).unwrap_or_default(), &reason);
            }
        }
        let charts = self.layout().chart.iter();
        for chart in charts.filter(|chart| chart.warning.or(chart.critical).is_some()) {
            let newest = self.history().newest(chart);
            let values = newest.iter().flat_map(|point| &point.values);
            for (series, known) in chart.series.iter().zip(values) {
                if let Some(known) = *known {
                    let reason = || value(series.label(), chart.notation(), known);
                    add(chart_severity(chart, known), &reason);
                }
            }
        }
        for entry in self.alerts().newest(Alerts::CAPACITY) {
            let severity = match entry.alert.level {
                Level::Warning if is_active(entry, notes, now) => Severity::Warning,
                Level::Error if is_active(entry, notes, now) => Severity::Critical,
                _ => Severity::Ok,
            };
            add(severity, &|| Reason::Alert(entry.alert.message.clone()));
        }
        let health = match worst {
            Severity::Ok => Health::Ok,
            Severity::Warning => Health::Warning,
            Severity::Critical => Health::Critical,
        };
        (health, reasons)
    }
}

/// Whether values of a panel of this kind can be good or bad: a table has no thresholds,
/// and a text that says "down" may mean anything.
fn has_severity(kind: PanelKind) -> bool {
    !matches!(kind, PanelKind::Table | PanelKind::Text)
}

fn is_active(entry: &AlertEntry, notes: &Notes, now: f64) -> bool {
    let firing = match entry.alert.status {
        Some(Status::Firing) if entry.alert.key.is_some() => true,
        Some(Status::Resolved) => false,
        _ => now - entry.at < ALERT_LIFETIME,
    };
    firing && !notes.is_muted(entry) && !notes.is_acknowledged(entry)
}

#[cfg(test)]
mod tests;
