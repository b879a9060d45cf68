//! Which states make which health, and why.

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
fn a_stale_value_is_not_well_if_it_is_judged() {
    let layout = r#"{"title":"T","stat":[{"key":"fresh","label":"Fresh"},{"key":"plain","label":"Plain"},
        {"key":"judged","label":"Judged","better":"lower","warning":5}],
        "status":[{"items":[{"key":"db"}]}],"text":[{"key":"note"}]}"#;
    let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
    let mut model = live(layout.expect("a layout"));
    let mut assessed = |at: f64, data: &str| {
        let update = StatsUpdate::from_json(&Json::parse(data).expect("JSON"));
        let message = Message::Stats(update.expect("an object"));
        model.apply(Event::Message(message, Stamp::at(at)));
        let assessment = model.assess(&Notes::default(), at);
        (assessment.health, assessment.reasons)
    };
    let all = r#"{"fresh":1,"plain":1,"judged":1,"db":"up","note":"n"}"#;
    assert_eq!(assessed(1.0, all), (Health::Ok, vec![]));
    let stale = Health::Stale { since: 1.0 };
    let two = (stale, vec![Reason::StaleValues(2)]);
    assert_eq!(assessed(11_000.0, r#"{"fresh":1}"#), two);
    let (health, reasons) = assessed(21_500.0, r#"{"judged":9}"#);
    assert_eq!((health, reasons.len()), (Health::Warning, 2));
    assert_eq!(reasons[1], Reason::StaleValues(1), "after the worst");
    let well = assessed(22_000.0, r#"{"judged":1,"db":"up"}"#);
    assert_eq!(
        well,
        (Health::Ok, vec![]),
        "what is not judged may be stale"
    );
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
