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
    /// The last numbers were good, but none arrived for longer than the layout allows.
    Stale {
        /// When the last ones were published, in milliseconds since the Unix
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
}

/// The dashboard's health and the reasons for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The health.
    pub health: Health,
    /// The worst values and alerts: cards first, then panels, charts and alerts, then
    /// whether the numbers are stale; empty unless the health is `Warning` or
    /// `Critical`, or `Disconnected` and was one of them before.
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
        let is_stale = |since: f64| now - since > self.layout().stale_after * 1000.0;
        let since = self.activity().numbers_at.filter(|since| is_stale(*since));
        let (worst, mut reasons) = self.worst(notes, now);
        let health = match (self.connection(), worst, since) {
            (Connection::Reconnecting { .. } | Connection::Refused { .. }, ..) => {
                Health::Disconnected
            }
            (_, Health::Ok, Some(since)) => Health::Stale { since },
            (_, Health::Ok, None) if !self.is_judged() => Health::Waiting,
            _ => worst,
        };
        match health {
            // They are told next to the disconnection, as what was before.
            Health::Disconnected => {}
            Health::Warning | Health::Critical => reasons.extend(since.map(Reason::Stale)),
            _ => reasons.clear(),
        }
        let cards = self.layout().stat.iter();
        let cards = cards.map(|stat| Some(self.stats().get(&stat.key)?.updated_at));
        let panels = self.layout().all_panels().map(|(_, panel)| {
            let times = panel.keys().filter_map(|key| self.stats().updated_at(key));
            times.reduce(f64::max)
        });
        let charts = self.layout().chart.iter();
        let charts = charts.map(|chart| self.history().published_at(chart));
        let times = cards.chain(panels).chain(charts);
        let stale = times.map(|updated_at| updated_at.filter(|at| is_stale(*at)));
        Assessment {
            health,
            reasons,
            stale: stale.collect(),
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
            // A table has no thresholds, and a text that says "down" may mean anything.
            if matches!(kind, PanelKind::Table | PanelKind::Text) {
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

fn is_active(entry: &AlertEntry, notes: &Notes, now: f64) -> bool {
    let firing = match entry.alert.status {
        Some(Status::Firing) if entry.alert.key.is_some() => true,
        Some(Status::Resolved) => false,
        _ => now - entry.at < ALERT_LIFETIME,
    };
    firing && !notes.is_muted(entry) && !notes.is_acknowledged(entry)
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::json::Json;
    use live_dashboard_protocol::layout::{Format, Layout};
    use live_dashboard_protocol::message::{Alert, ChartData, StatsUpdate};

    use super::*;
    use crate::model::{Action, Event, Message, Problem, Stamp};

    fn live(layout: Layout) -> Model {
        let mut model = Model::new(layout);
        model.apply(Event::Connection(Connection::Live));
        model
    }

    fn model(values: &[(&str, f64)]) -> Model {
        let mut model = live(Layout::default());
        let numbers = values.iter().map(|(key, value)| ((*key).into(), *value));
        model.apply(Event::Message(
            Message::Stats(numbers.collect()),
            Stamp::at(0.0),
        ));
        model
    }

    fn assessed(model: &Model, notes: &Notes) -> Assessment {
        model.assess(notes, 0.0)
    }

    fn alert(id: &str, level: Level, status: Status) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level,
                unknown_level: None,
                message: format!("alert {id}"),
                key: Some("disk".into()),
                status: Some(status),
                url: None,
            },
        }
    }

    #[test]
    fn the_worst_value_decides_and_is_the_reason() {
        let notes = Notes::default();
        let state = |values: &[(&str, f64)]| assessed(&model(values), &notes).health;
        assert_eq!(state(&[("avgLatency", 50.0)]), Health::Ok);
        assert_eq!(state(&[("avgLatency", 101.0)]), Health::Warning);
        let both = assessed(
            &model(&[("avgLatency", 101.0), ("errorRate", 0.06)]),
            &notes,
        );
        assert_eq!(both.health, Health::Critical);
        let expected = Reason::Value {
            label: "Error Rate".into(),
            notation: Format::Percent.into(),
            value: 0.06,
        };
        assert_eq!(both.reasons, [expected]);
    }

    #[test]
    fn a_disconnected_dashboard_tells_what_was_wrong_before() {
        let mut model = model(&[("errorRate", 0.06)]);
        model.apply(Event::Connection(Connection::Reconnecting {
            retry_at: None,
            problem: Problem::default(),
        }));
        let assessment = assessed(&model, &Notes::default());
        assert_eq!(assessment.health, Health::Disconnected);
        assert_eq!(assessment.reasons.len(), 1);
    }

    #[test]
    fn each_panel_has_an_age_of_its_own() {
        let layout = r#"{"title":"T","stale_after":10,"stat":[{"key":"a","label":"A"}],
            "gauge":[{"title":"B","key":"b"}],"status":[{"items":[{"key":"c"},{"key":"d"}]}],"clock":[{}]}"#;
        let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
        let mut model = live(layout.expect("a layout"));
        for (at, data) in [
            (1000.0, r#"{"b":1,"c":"up"}"#),
            (9000.0, r#"{"a":1,"d":"up"}"#),
        ] {
            let update = StatsUpdate::from_json(&Json::parse(data).expect("JSON"));
            let message = Message::Stats(update.expect("an object"));
            model.apply(Event::Message(message, Stamp::at(at)));
        }
        let stale = model.assess(&Notes::default(), 12_000.0).stale;
        assert_eq!(
            stale,
            [None, Some(1000.0), None, None],
            "card, gauge, status, clock"
        );
    }

    #[test]
    fn states_and_gauges_count() {
        let layout = r#"{"title":"T",
            "gauge":[{"title":"Load","key":"load","better":"lower","warning":80}],
            "status":[{"items":[{"key":"db","label":"Database"}],"states":{"odd":"warning"}}],
            "timeline":[{"items":[{"key":"db","label":"Database"}],"states":{"odd":"warning"}}]}"#;
        let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
        let mut model = live(layout.expect("a layout"));
        let mut after = |number: f64, data: &str| {
            let data = Json::parse(data).expect("JSON");
            let update = StatsUpdate::from_json(&data).expect("an object");
            model.apply(Event::Message(Message::Stats(update), Stamp::at(number)));
            let assessment = model.assess(&Notes::default(), 0.0);
            (assessment.health, assessment.reasons)
        };
        assert_eq!(after(1.0, r#"{"load":50,"db":"up"}"#).0, Health::Ok);
        let (health, reasons) = after(2.0, r#"{"load":81}"#);
        assert_eq!((health, reasons.len()), (Health::Warning, 1));
        let state = |state: &str| Reason::State {
            label: "Database".into(),
            state: state.into(),
        };
        assert_eq!(
            after(3.0, r#"{"load":1,"db":"odd"}"#),
            (Health::Warning, vec![state("odd")])
        );
        assert_eq!(
            after(4.0, r#"{"db":false}"#),
            (Health::Critical, vec![state("No")])
        );
        assert_eq!(
            after(5.0, r#"{"db":"purple"}"#).0,
            Health::Ok,
            "neither good nor bad"
        );
    }

    #[test]
    fn entries_of_a_list_count() {
        let layout = r#"{"title":"T","list":[{"title":"Free","key":"free","better":"higher","limit":1,
            "warning":20,"critical":5},{"key":"sizes"}],"text":[{"key":"word"}]}"#;
        let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
        let mut model = live(layout.expect("a layout"));
        let mut after = |number: f64, data: &str| {
            let update = StatsUpdate::from_json(&Json::parse(data).expect("JSON"));
            let message = Message::Stats(update.expect("an object"));
            model.apply(Event::Message(message, Stamp::at(number)));
            let assessment = model.assess(&Notes::default(), 0.0);
            (assessment.health, assessment.reasons)
        };
        let well = after(
            1.0,
            r#"{"free":{"/":80,"/home":20},"sizes":{"a":1},"word":"down"}"#,
        );
        assert_eq!(well, (Health::Ok, vec![]));
        let home = Reason::Value {
            label: "/home".into(),
            notation: Format::default().into(),
            value: 4.0,
        };
        let full = after(2.0, r#"{"free":{"/":80,"/home":4,"/tmp":19}}"#);
        assert_eq!(full, (Health::Critical, vec![home]), "below the first one");
    }

    #[test]
    fn only_the_newest_point_of_a_chart_counts() {
        let mut layout = Layout::default();
        layout.chart[0].critical = Some(10.0);
        layout.chart[0].better = live_dashboard_protocol::layout::Better::Lower;
        let mut model = live(layout);
        for (timestamp, requests) in [(1.0, 5.0), (2.0, 50.0), (3.0, 5.0)] {
            let values = [("requests".to_owned(), requests)].into();
            model.apply(Event::Message(
                Message::Point(ChartData { timestamp, values }),
                Stamp::at(0.0),
            ));
            let expected = if requests > 10.0 {
                Health::Critical
            } else {
                Health::Ok
            };
            assert_eq!(assessed(&model, &Notes::default()).health, expected);
        }
    }

    #[test]
    fn an_alert_counts_until_it_is_resolved_acknowledged_or_muted() {
        let mut model = model(&[("activeUsers", 1.0)]);
        let notes = Notes::default();
        let firing = alert("1", Level::Error, Status::Firing);
        model.apply(Event::Message(
            Message::Alert(firing.clone()),
            Stamp::at(0.0),
        ));
        let found = assessed(&model, &notes);
        assert_eq!(found.health, Health::Critical);
        assert_eq!(found.reasons, [Reason::Alert("alert 1".into())]);
        for quiet in [
            notes.clone().with(&Action::Acknowledge(firing.id.clone())),
            notes.clone().with(&Action::Mute(firing.topic())),
        ] {
            assert_eq!(assessed(&model, &quiet).health, Health::Ok);
        }
        let resolved = alert("2", Level::Error, Status::Resolved);
        model.apply(Event::Message(Message::Alert(resolved), Stamp::at(0.0)));
        assert_eq!(assessed(&model, &notes).health, Health::Ok);
    }

    #[test]
    fn an_alert_without_a_status_counts_for_five_minutes() {
        let mut model = live(Layout {
            stat: Vec::new(),
            chart: Vec::new(),
            ..Layout::default()
        });
        let mut once = alert("1", Level::Warning, Status::Firing);
        once.alert.status = None;
        model.apply(Event::Message(Message::Alert(once), Stamp::at(0.0)));
        let state = |now: f64| model.assess(&Notes::default(), now).health;
        assert_eq!(state(0.0), Health::Warning);
        assert_eq!(state(299_999.0), Health::Warning);
        assert_eq!(state(300_000.0), Health::Ok);
    }

    #[test]
    fn outdated_values_do_not_count() {
        let state = |connection: Connection, numbers_at: Option<f64>, now| {
            let mut model = Model::new(Layout::default());
            if let Some(at) = numbers_at {
                let update = [("errorRate".to_owned(), 0.0)].into_iter().collect();
                model.apply(Event::Message(Message::Stats(update), Stamp::at(at)));
            }
            model.apply(Event::Connection(connection));
            model.assess(&Notes::default(), now).health
        };
        let lost = Connection::Reconnecting {
            retry_at: None,
            problem: Problem::default(),
        };
        let refused = Connection::Refused {
            reason: String::new(),
        };
        let live = Connection::Live;
        let stale = Health::Stale { since: 1.0 };
        assert_eq!(state(lost, Some(1.0), 2.0), Health::Disconnected);
        assert_eq!(state(refused, Some(1.0), 20_000.0), Health::Disconnected);
        assert_eq!(state(live.clone(), Some(1.0), 20_000.0), stale);
        assert_eq!(state(live.clone(), Some(1.0), 2.0), Health::Ok);
        assert_eq!(state(live, None, 2.0), Health::Waiting);
        let connecting = Connection::Connecting;
        assert_eq!(state(connecting.clone(), None, 2.0), Health::Waiting);
        assert_eq!(state(connecting.clone(), Some(1.0), 2.0), Health::Ok);
        assert_eq!(state(connecting, Some(1.0), 20_000.0), stale);
    }

    #[test]
    fn what_is_wrong_is_told_before_staleness() {
        let notes = Notes::default();
        let error = Message::Alert(alert("1", Level::Error, Status::Firing));
        let mut model = model(&[("errorRate", 0.0)]);
        let later = 20_000.0;
        let stale = Health::Stale { since: 0.0 };
        assert_eq!(model.assess(&notes, later).health, stale);
        model.apply(Event::Message(error, Stamp::at(later)));
        let assessment = model.assess(&notes, later);
        assert_eq!(assessment.health, Health::Critical);
        let expected = [Reason::Alert("alert 1".into()), Reason::Stale(0.0)];
        assert_eq!(assessment.reasons, expected);
    }

    #[test]
    fn stale_values_are_still_beyond_their_thresholds() {
        let model = model(&[("avgLatency", 101.0)]);
        let assessment = model.assess(&Notes::default(), 20_000.0);
        assert_eq!(assessment.health, Health::Warning);
        assert_eq!(assessment.reasons[1..], [Reason::Stale(0.0)]);
    }

    #[test]
    fn without_numbers_only_a_dashboard_of_alerts_is_well() {
        let info = Message::Alert(alert("1", Level::Info, Status::Firing));
        let health = |layout| {
            let mut model = live(layout);
            model.apply(Event::Message(info.clone(), Stamp::at(0.0)));
            model.assess(&Notes::default(), 0.0).health
        };
        assert_eq!(health(Layout::default()), Health::Waiting);
        let alerts_alone = Layout {
            stat: Vec::new(),
            chart: Vec::new(),
            ..Layout::default()
        };
        assert_eq!(health(alerts_alone), Health::Ok);
    }

    #[test]
    fn a_chart_has_the_age_of_its_latest_value() {
        let mut layout = Layout::default();
        let mut other = layout.chart[0].clone();
        other.series.retain(|series| series.key == "errors");
        layout.chart.push(other);
        let mut model = live(layout);
        let point = |key: &str, seconds: f64| {
            let data = format!(r#"{{"timestamp":{seconds},"{key}":1}}"#);
            let point = Json::parse(&data).and_then(|data| ChartData::from_json(&data));
            let message = Message::Point(point.expect("a point"));
            Event::Message(message, Stamp::at(seconds * 1000.0))
        };
        model.apply(point("errors", 5.0));
        model.apply(point("requests", 8.0));
        let ages = |model: &Model| model.assess(&Notes::default(), 16_000.0).stale[4..].to_vec();
        assert_eq!(ages(&model), [None, Some(5_000.0)]);
        model.apply(Event::ClockShift(-3_000.0));
        let shifted = [Some(5_000.0), Some(2_000.0)];
        assert_eq!(ages(&model), shifted);
        let mut renamed = model.layout().clone();
        renamed.chart[0].title = "Another".into();
        model.apply(Event::Layout(Box::new(renamed)));
        assert_eq!(ages(&model), shifted);
    }
}
