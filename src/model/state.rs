//! The state of the whole page in one word, and what it owes it to.

use live_dashboard_protocol::layout::{Format, Layout};
use live_dashboard_protocol::payload::{Level, Status};

use crate::model::trend::{Severity, chart_severity, severity};
use crate::model::{Alerts, ChartHistory, Connection, Freshness, Notes, Stats};

/// For how long an alert counts that says neither that it holds nor that it is
/// over, in milliseconds.
const NEWS: f64 = 5.0 * 60.0 * 1000.0;

/// The state of the whole page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// Nothing has come yet.
    Waiting,
    /// All is within its thresholds.
    Well,
    /// Something is beyond its warning threshold, or an alert warns.
    Warning,
    /// Something is beyond its critical threshold, or an alert of an error
    /// holds.
    Critical,
    /// Nothing has come for too long.
    Stale,
    /// There is no connection.
    Disconnected,
}

impl PageState {
    /// The state in one word, for stylesheets and tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Well => "well",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Stale => "stale",
            Self::Disconnected => "disconnected",
        }
    }
}

/// What a state is owed to.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// A value beyond one of its thresholds.
    Value {
        /// What people call it.
        label: String,
        /// How it is written.
        format: Format,
        /// The value.
        value: f64,
    },
    /// An alert that holds, by what it says.
    Alert(String),
}

/// The page's state and all that is as bad as it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The state.
    pub state: PageState,
    /// The reasons, cards first, then charts and alerts; empty unless the
    /// state is a warning or critical.
    pub reasons: Vec<Reason>,
}

/// Sums up a page at `now`, in milliseconds since the Unix epoch by the viewer's
/// clock. What cannot be known beats what is bad, as it may be worse or over. An
/// alert counts while it has a key and holds, and for five minutes where it says
/// nothing of that, unless the viewer has acknowledged or muted it.
pub fn assess(
    layout: &Layout,
    stats: &Stats,
    history: &ChartHistory,
    (alerts, notes): (&Alerts, &Notes),
    connection: &Connection,
    freshness: Freshness,
    now: f64,
) -> Assessment {
    let without_reason = |state| Assessment {
        state,
        reasons: Vec::new(),
    };
    match (connection, freshness) {
        (Connection::Reconnecting { .. } | Connection::Refused { .. }, _) => {
            return without_reason(PageState::Disconnected);
        }
        (Connection::Connecting, _) | (_, Freshness::Empty) => {
            return without_reason(PageState::Waiting);
        }
        (Connection::Live, Freshness::Stale { .. }) => return without_reason(PageState::Stale),
        (Connection::Live, Freshness::Fresh) => {}
    }
    let mut found = of_values(layout, stats, history);
    found.extend(of_alerts(alerts, notes, now));
    let worst = found.iter().map(|(severity, _)| *severity).max();
    let worst = worst.unwrap_or_default();
    found.retain(|(severity, _)| *severity == worst && worst != Severity::Ok);
    Assessment {
        state: match worst {
            Severity::Ok => PageState::Well,
            Severity::Warning => PageState::Warning,
            Severity::Critical => PageState::Critical,
        },
        reasons: found.into_iter().map(|(_, reason)| reason).collect(),
    }
}

fn of_values(layout: &Layout, stats: &Stats, history: &ChartHistory) -> Vec<(Severity, Reason)> {
    let mut found = Vec::new();
    let mut add = |severity, label: &str, format, value| {
        let label = label.to_owned();
        let reason = Reason::Value {
            label,
            format,
            value,
        };
        found.push((severity, reason));
    };
    for stat in &layout.stat {
        if let Some(known) = stats.get(&stat.key) {
            let severity = severity(stat, known.value);
            add(severity, &stat.label, stat.format, known.value);
        }
    }
    let with_thresholds = layout
        .chart
        .iter()
        .filter(|chart| chart.warning.or(chart.critical).is_some());
    for chart in with_thresholds {
        let Some(newest) = history.latest(chart).pop() else {
            continue;
        };
        for (series, value) in chart.series.iter().zip(newest.values) {
            if let Some(value) = value {
                let severity = chart_severity(chart, value);
                add(severity, series.label(), chart.format, value);
            }
        }
    }
    found
}

fn of_alerts(alerts: &Alerts, notes: &Notes, now: f64) -> Vec<(Severity, Reason)> {
    let holding = alerts.newest(Alerts::CAPACITY).iter().filter(|entry| {
        let holds = match entry.alert.status {
            Some(Status::Firing) if entry.alert.key.is_some() => true,
            Some(Status::Resolved) => false,
            _ => now - entry.at < NEWS,
        };
        holds && !notes.is_muted(entry) && !notes.is_acknowledged(entry)
    });
    holding
        .map(|entry| {
            let severity = match entry.alert.level {
                Level::Info => Severity::Ok,
                Level::Warning => Severity::Warning,
                Level::Error => Severity::Critical,
            };
            (severity, Reason::Alert(entry.alert.message.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::payload::{Alert, ChartData, Numbers};

    use super::*;
    use crate::model::Stamp;
    use crate::model::{AlertEntry, Event, Message, Model, Problem};

    fn model(values: &[(&str, f64)]) -> Model {
        let mut model = Model::new(Layout::default());
        let numbers = values.iter().map(|(key, value)| ((*key).into(), *value));
        model.apply(Event::Message(
            Message::Stats(Numbers(numbers.collect())),
            Stamp::at(0.0),
        ));
        model
    }

    fn assessed(model: &Model, notes: &Notes) -> Assessment {
        assess(
            model.layout(),
            model.stats(),
            model.history(),
            (model.alerts(), notes),
            &Connection::Live,
            model.freshness(0.0),
            0.0,
        )
    }

    fn alert(id: &str, level: Level, status: Status) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level,
                message: format!("alert {id}"),
                key: Some("disk".into()),
                status: Some(status),
                url: None,
            },
        }
    }

    #[test]
    fn the_worst_value_decides_and_is_named() {
        let notes = Notes::default();
        let state = |values: &[(&str, f64)]| assessed(&model(values), &notes).state;
        assert_eq!(state(&[("avgLatency", 50.0)]), PageState::Well);
        assert_eq!(state(&[("avgLatency", 101.0)]), PageState::Warning);
        let both = assessed(
            &model(&[("avgLatency", 101.0), ("errorRate", 0.06)]),
            &notes,
        );
        assert_eq!(both.state, PageState::Critical);
        let expected = Reason::Value {
            label: "Error Rate".into(),
            format: Format::Percent,
            value: 0.06,
        };
        assert_eq!(both.reasons, [expected]);
    }

    #[test]
    fn a_charts_newest_point_counts_too() {
        let mut layout = Layout::default();
        layout.chart[0].critical = Some(10.0);
        layout.chart[0].better = live_dashboard_protocol::layout::Better::Lower;
        let mut model = Model::new(layout);
        for (timestamp, requests) in [(1.0, 5.0), (2.0, 50.0), (3.0, 5.0)] {
            let values = [("requests".to_owned(), requests)].into();
            model.apply(Event::Message(
                Message::Point(ChartData { timestamp, values }),
                Stamp::at(0.0),
            ));
            let expected = if requests > 10.0 {
                PageState::Critical
            } else {
                PageState::Well
            };
            assert_eq!(assessed(&model, &Notes::default()).state, expected);
        }
    }

    #[test]
    fn an_alert_counts_until_it_is_over_or_taken_note_of() {
        let mut model = model(&[("activeUsers", 1.0)]);
        let notes = Notes::default();
        let firing = alert("1", Level::Error, Status::Firing);
        model.apply(Event::Message(
            Message::Alert(firing.clone()),
            Stamp::at(0.0),
        ));
        let found = assessed(&model, &notes);
        assert_eq!(found.state, PageState::Critical);
        assert_eq!(found.reasons, [Reason::Alert("alert 1".into())]);
        for quiet in [
            notes.clone().with_acknowledged(&firing, true),
            notes.clone().with_muted(&firing, true),
        ] {
            assert_eq!(assessed(&model, &quiet).state, PageState::Well);
        }
        let over = alert("2", Level::Error, Status::Resolved);
        model.apply(Event::Message(Message::Alert(over), Stamp::at(0.0)));
        assert_eq!(assessed(&model, &notes).state, PageState::Well);
    }

    #[test]
    fn an_alert_without_a_status_counts_while_it_is_news() {
        let mut model = model(&[("activeUsers", 1.0)]);
        let mut once = alert("1", Level::Warning, Status::Firing);
        once.alert.status = None;
        model.apply(Event::Message(Message::Alert(once), Stamp::at(0.0)));
        let state = |now: f64| {
            assess(
                model.layout(),
                model.stats(),
                model.history(),
                (model.alerts(), &Notes::default()),
                &Connection::Live,
                Freshness::Fresh,
                now,
            )
            .state
        };
        assert_eq!(state(0.0), PageState::Warning);
        assert_eq!(state(299_999.0), PageState::Warning);
        assert_eq!(state(300_000.0), PageState::Well);
    }

    #[test]
    fn what_cannot_be_known_beats_what_is_bad() {
        let model = model(&[("errorRate", 0.5)]);
        let state = |connection: Connection, freshness| {
            let notes = Notes::default();
            let found = assess(
                model.layout(),
                model.stats(),
                model.history(),
                (model.alerts(), &notes),
                &connection,
                freshness,
                0.0,
            );
            found.state
        };
        let lost = Connection::Reconnecting {
            retry_at: None,
            problem: Problem::default(),
        };
        let refused = Connection::Refused {
            reason: String::new(),
        };
        let stale = Freshness::Stale { since: 0.0 };
        assert_eq!(state(lost, Freshness::Fresh), PageState::Disconnected);
        assert_eq!(state(refused, stale), PageState::Disconnected);
        assert_eq!(state(Connection::Live, stale), PageState::Stale);
        assert_eq!(
            state(Connection::Live, Freshness::Empty),
            PageState::Waiting
        );
        assert_eq!(
            state(Connection::Connecting, Freshness::Empty),
            PageState::Waiting
        );
    }
}
