//! The model as a whole.

mod order;

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Stat;
use live_dashboard_protocol::message::Level;

use super::health::Health;
use super::*;

fn at(time: u32) -> Stamp {
    Stamp::at(time.into())
}

fn stats(entries: &[(&str, f64)]) -> Message {
    let entries = entries.iter().map(|(key, value)| ((*key).into(), *value));
    Message::Stats(entries.collect())
}

fn point(timestamp: f64) -> Message {
    Message::Point(ChartData {
        timestamp,
        values: [("requests".to_owned(), 1.0)].into(),
    })
}

fn alert(id: &str) -> Message {
    Message::Alert(AlertEntry {
        id: id.into(),
        at: 0.0,
        alert: Alert {
            level: Level::Info,
            unknown_level: None,
            message: id.into(),
            key: None,
            status: None,
            url: None,
        },
    })
}

fn malformed(time: u32) -> Event {
    Event::Malformed(Malformed("a rule".into()), at(time))
}

/// The message of an event with this data, and a layout's count and reason after it.
fn unshown(layout: &Layout, event: &str, data: &str) -> (usize, String) {
    let frame = format!(r#"{{"event":"{event}","data":{data}}}"#);
    let frame = ReceivedFrame::parse(&frame).expect("a frame");
    let mut model = Model::new(layout.clone());
    let stamp = Stamp::at(1_709_901_234_000.0);
    model.apply(match decode(&frame, None, stamp) {
        Ok(message) => Event::Message(message.expect("a known event"), stamp),
        Err(malformed) => Event::Malformed(malformed, stamp),
    });
    let unshown = model.unshown();
    (unshown.count(), unshown.reason().to_owned())
}

/// The health at a time, while connected.
fn health(model: &Model, now: f64) -> Health {
    let mut model = model.clone();
    model.apply(Event::Connection(Connection::Live));
    model.assess(&Notes::default(), now).health
}

#[test]
fn data_that_does_not_fit_is_malformed_and_unknown_events_are_none() {
    let decode = |text| {
        let frame = ReceivedFrame::parse(text).expect("a frame");
        decode(&frame, None, Stamp::at(7.0))
    };
    let no_object = "`data` must be an object (stats-update)";
    let no_time = "`timestamp` must be seconds since 1970 (chart-data)";
    for (text, rule) in [
        (r#"{"event":"stats-update"}"#, no_object),
        (r#"{"event":"stats-update","data":null}"#, no_object),
        (r#"{"event":"stats-update","data":[1]}"#, no_object),
        (r#"{"event":"chart-data","data":{"requests":3}}"#, no_time),
        (
            r#"{"event":"alert","data":"fire"}"#,
            "`message` must be text (alert)",
        ),
    ] {
        assert_eq!(decode(text), Err(Malformed(rule.into())), "{text}");
    }
    assert_eq!(decode(r#"{"event":"deploy","data":{}}"#), Ok(None));
}

#[test]
fn an_unreadable_message_changes_nothing() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(stats(&[("activeUsers", 5.0)]), at(1)));
    let before = model.clone();
    model.apply(malformed(2));
    for timestamp in [-1.0, 253_402_300_800.0, f64::NAN, f64::INFINITY] {
        model.apply(Event::Message(point(timestamp), at(3)));
    }
    assert_eq!(model.activity().numbers_at, Some(1.0));
    assert_eq!(model.stats(), before.stats());
    assert_eq!(model.history(), before.history());
}

#[test]
fn what_is_not_shown_in_full_is_told_with_the_rule() {
    let layout = Layout::default();
    for (event, data, rule) in [
        ("stats-update", "7", "`data` must be an object"),
        (
            "stats-update",
            r#"{"activeUsers":1,"errorRate":"2%"}"#,
            "`errorRate` must be a number",
        ),
        (
            "stats-update",
            r#"{"users":1,"zeal":2}"#,
            "`users` is on no panel",
        ),
        (
            "stats-update",
            r#"{"users":"many"}"#,
            "`users` is on no panel",
        ),
        (
            "chart-data",
            r#"{"timestamp":"12:30","requests":1}"#,
            "`timestamp` must be seconds since 1970",
        ),
        (
            "chart-data",
            r#"{"timestamp":1709901234000000,"requests":1}"#,
            "`timestamp` must be seconds since 1970",
        ),
        (
            "chart-data",
            r#"{"timestamp":1709901234,"requests":true}"#,
            "`requests` must be a number",
        ),
        (
            "chart-data",
            r#"{"timestamp":1709901300,"requests":1}"#,
            "`timestamp` is in the future",
        ),
        (
            "chart-data",
            r#"{"timestamp":1709901234,"cpu":1}"#,
            "`cpu` is on no panel",
        ),
        (
            "chart-data",
            r#"{"timestamp":1709901234,"reqests":1,"errors":2}"#,
            "`reqests` is on no panel, but `requests` is",
        ),
        ("alert", r#"{"level":"info"}"#, "`message` must be text"),
        (
            "alert",
            r#"{"level":"fatal","message":"m"}"#,
            "`level` must be `info`, `warning` or `error`, not `fatal`",
        ),
    ] {
        let expected = (1, format!("{rule} ({event})"));
        assert_eq!(unshown(&layout, event, data), expected, "{data}");
    }
    for (event, data) in [
        ("stats-update", "{}"),
        (
            "stats-update",
            r#"{"activeUsers":1,"users":2,"errorRate":null}"#,
        ),
        ("chart-data", r#"{"timestamp":1709901234567,"requests":1}"#),
        ("chart-data", r#"{"timestamp":1709901290,"requests":1}"#),
        ("alert", r#"{"message":"m"}"#),
    ] {
        assert_eq!(unshown(&layout, event, data), (0, String::new()), "{data}");
    }
    let key = "ü".repeat(10_000);
    let (_, reason) = unshown(&layout, "stats-update", &format!(r#"{{"{key}":1}}"#));
    assert!(reason.len() < 100, "{reason}");
    let alerts_only = Layout {
        stat: Vec::new(),
        chart: Vec::new(),
        ..layout
    };
    assert_eq!(unshown(&alerts_only, "stats-update", r#"{"users":1}"#).0, 0);
    let future = r#"{"timestamp":1709901300,"requests":1}"#;
    assert_eq!(unshown(&alerts_only, "chart-data", future).0, 0);
}

/// A point from ten minutes after its publication would be the newest for ten minutes.
#[test]
fn a_point_from_the_future_is_not_shown() {
    let published = Stamp::at(1_709_901_234_000.0);
    let mut model = Model::new(Layout::default());
    for timestamp in [1_709_901_234.0, 1_709_901_834.0, 99_999_999_999.0] {
        model.apply(Event::Message(point(timestamp), published));
        model.apply(Event::Stored(point(timestamp), published));
    }
    assert_eq!(model.history().end(), Some(1_709_901_234.0));
    assert_eq!(model.unshown().count(), 1);
    // By the hub's clock: that of the viewer is an hour behind.
    let here = Stamp {
        at: published.at - 3_600_000.0,
        ..published
    };
    model.apply(Event::Message(point(1_709_901_290.0), here));
    assert_eq!(model.history().end(), Some(1_709_901_290.0));
}

#[test]
fn what_was_stored_before_is_not_told() {
    let mut model = Model::new(Layout::default());
    let both = || stats(&[("activeUsers", 5.0), ("erorRate", 1.0)]);
    model.apply(Event::Stored(both(), at(1)));
    assert!(model.stats().get("activeUsers").is_some());
    assert_eq!(model.unshown().count(), 0);
    model.apply(Event::Message(both(), at(2)));
    assert_eq!(model.unshown().count(), 1);
}

#[test]
fn a_slip_is_told_and_the_keys_of_other_dashboards_are_not() {
    let layout = r#"{"title":"T","stat":[{"key":"errorRate","label":"L"},{"key":"cpu","label":"C"},
        {"key":"shop#paid","label":"P","channel":"shop"},{"key":"good","label":"G"}]}"#;
    let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
    let layout = layout.expect("a layout");
    for (key, meant) in [
        ("erorRate", "errorRate"),
        ("eerrorRate", "errorRate"),
        ("errorRaet", "errorRate"),
        ("error_Rate", "errorRate"),
        ("ErrorRate", "errorRate"),
        ("cpuu", "cpu"),
        ("shop#payd", ""),
        ("shop#piad", "shop#paid"),
        ("errorsPerRate", ""),
        ("errorRata", ""),
        ("cpu1", ""),
        ("cup1", ""),
        ("pu", ""),
        ("c", ""),
        ("", ""),
        ("paid", ""),
    ] {
        let expected = match meant {
            "" => (0, String::new()),
            _ => (
                1,
                format!("`{key}` is on no panel, but `{meant}` is (stats-update)"),
            ),
        };
        let data = format!(r#"{{"good":1,"{key}":2}}"#);
        assert_eq!(unshown(&layout, "stats-update", &data), expected);
        let beside = format!(r#"{{"cpu":1,"errorRate":2,"shop#paid":3,"{key}":4}}"#);
        assert_eq!(
            unshown(&layout, "stats-update", &beside).0,
            0,
            "{key} is not missing"
        );
    }
}

#[test]
fn a_value_is_shown_if_one_of_several_panels_takes_it() {
    let layout = r#"{"title":"T","stat":[{"key":"db","label":"L"}],"table":[{"key":"db"}]}"#;
    let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
    let layout = layout.expect("a layout");
    assert_eq!(unshown(&layout, "stats-update", r#"{"db":1}"#).0, 0);
    assert_eq!(unshown(&layout, "stats-update", r#"{"db":[]}"#).0, 0);
    assert_eq!(unshown(&layout, "stats-update", r#"{"db":"x"}"#).0, 1);
}

#[test]
fn unshown_messages_are_counted_once_and_the_latest_gives_the_reason() {
    let mut model = Model::new(Layout::default());
    let unknown = |key: &str, time| Event::Message(stats(&[(key, 1.0)]), at(time));
    for event in [
        unknown("b", 2),
        unknown("a", 1),
        unknown("b", 2),
        malformed(3),
        malformed(3),
    ] {
        model.apply(event);
    }
    assert_eq!(
        (model.unshown().count(), model.unshown().reason()),
        (3, "a rule")
    );
    assert_eq!(model.unshown().reasons(), 2);
    for time in 0..1_000 {
        model.apply(unknown(["c", "d"][time as usize % 2], time));
    }
    assert_eq!(model.unshown().count(), 100);
    assert!(model.unshown().reason().starts_with("`d`"));
    assert_eq!(model.unshown().reasons(), 4, "each once");
    for n in 0..100 {
        model.apply(unknown(&format!("x{n}"), 2_000 + n));
    }
    assert_eq!(model.unshown().reasons(), 20);
    model.apply(Event::Layout(Box::new(Layout {
        title: "Another".into(),
        ..Layout::default()
    })));
    assert_eq!(model.unshown().count(), 0, "the new layout may show them");
}

#[test]
fn numbers_that_are_not_shown_are_not_fresh_numbers() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(stats(&[("users", 5.0)]), at(1_000)));
    assert_eq!(health(&model, 2_000.0), Health::Waiting);
}

#[test]
fn a_new_channel_starts_empty_with_the_same_layout() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(stats(&[("activeUsers", 5.0)]), at(1)));
    model.apply(Event::Message(point(7.0), at(1)));
    model.apply(Event::Message(alert("a"), at(1)));
    model.apply(malformed(2));
    model.apply(Event::ChannelChanged);
    assert_eq!(model, Model::new(Layout::default()));
}

#[test]
fn a_new_layout_keeps_the_values_of_its_keys() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(
        stats(&[("activeUsers", 5.0), ("errorRate", 0.5)]),
        at(1),
    ));
    model.apply(Event::Message(point(7.0), at(1)));
    model.apply(Event::Message(alert("a"), at(1)));
    let mut layout = Layout::default();
    layout.stat.retain(|stat| stat.key == "errorRate");
    layout.stat.push(Stat {
        key: "queue".into(),
        ..layout.stat[0].clone()
    });
    layout.chart[0].series.reverse();
    model.apply(Event::Layout(Box::new(layout.clone())));
    assert_eq!(model.layout(), &layout);
    assert_eq!(model.stats().get("activeUsers"), None);
    assert_eq!(model.stats().get("queue"), None);
    assert_eq!(
        model.stats().get("errorRate").map(|value| value.value),
        Some(0.5)
    );
    let points = model.history().latest(&layout.chart[0]);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].values, [None, Some(1.0)]);
    assert_eq!(model.alerts().newest(5).len(), 1);
}

#[test]
fn numbers_are_stale_after_the_time_in_the_layout() {
    let mut model = Model::new(Layout::default());
    assert_eq!(health(&model, 0.0), Health::Waiting);
    model.apply(Event::Message(stats(&[("activeUsers", 5.0)]), at(5_000)));
    model.apply(Event::Message(stats(&[("activeUsers", 4.0)]), at(1_000)));
    assert_eq!(health(&model, 15_000.0), Health::Ok);
    assert_eq!(health(&model, 15_001.0), Health::Stale { since: 5_000.0 });
}

#[test]
fn alerts_have_no_effect_on_the_age_of_numbers() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(alert("a"), at(1_000)));
    assert_eq!(health(&model, 99_000.0), Health::Waiting);
    model.apply(Event::Message(stats(&[("activeUsers", 5.0)]), at(2_000)));
    model.apply(Event::Message(alert("b"), at(90_000)));
    let stale = Health::Stale { since: 2_000.0 };
    assert_eq!(health(&model, 91_000.0), stale);
}

#[test]
fn missed_messages_leave_a_gap_unless_recovered() {
    let mut model = Model::new(Layout::default());
    let points = |model: &mut Model, seconds: std::ops::Range<u32>| {
        for second in seconds {
            model.apply(Event::Message(point(second.into()), at(second * 1_000)));
        }
    };
    points(&mut model, 0..10);
    points(&mut model, 30..35);
    assert_eq!(
        model.history().gaps(&model.layout().chart[0]),
        [],
        "the source made a pause"
    );
    let last = at(34_000).order;
    model.apply(Event::CaughtUp {
        after: last,
        complete: false,
    });
    points(&mut model, 60..65);
    let gap = Gap {
        after: 34.0,
        before: 60.0,
    };
    assert_eq!(model.history().gaps(&model.layout().chart[0]), [gap]);
    model.apply(Event::CaughtUp {
        after: last,
        complete: true,
    });
    assert_eq!(model.history().gaps(&model.layout().chart[0]), []);
}

#[test]
fn a_clock_that_was_set_does_not_change_ages() {
    let mut model = Model::new(Layout::default());
    model.apply(Event::Message(stats(&[("activeUsers", 5.0)]), at(1_000)));
    let Message::Alert(entry) = alert("a") else {
        unreachable!("it is one");
    };
    let entry = AlertEntry { at: 900.0, ..entry };
    model.apply(Event::Message(Message::Alert(entry), at(900)));
    model.apply(Event::ClockShift(3_600_000.0));
    let value = model.stats().get("activeUsers").expect("a value");
    assert_eq!(value.updated_at, 3_601_000.0);
    assert_eq!(model.alerts().newest(1)[0].at, 3_600_900.0);
    assert_eq!(health(&model, 3_602_000.0), Health::Ok);
    // The order of messages is another matter.
    model.apply(Event::Message(stats(&[("activeUsers", 6.0)]), at(2_000)));
    let value = model.stats().get("activeUsers").expect("a value");
    assert_eq!(value.value, 6.0);
}

#[test]
fn changed_names_the_slices_that_changed() {
    use Slice::{
        Alerts, Connection, Dashboards, History, Layout as L, PageVersion, Samples, Stats, Unshown,
    };
    let mut model = Model::new(Layout::default());
    let message = |message, time| Event::Message(message, at(time));
    let lost = Event::CaughtUp {
        after: at(20_000).order,
        complete: false,
    };
    let unknown = stats(&[("unknown", 1.0)]);
    let layout = Layout {
        title: "Another".into(),
        ..Layout::default()
    };
    for (event, expected) in [
        (
            Event::Connection(super::Connection::Live),
            &[Connection][..],
        ),
        (
            message(stats(&[("activeUsers", 5.0)]), 10_000),
            &[Stats, Samples],
        ),
        (message(point(10.0), 10_000), &[History]),
        (message(point(20.0), 20_000), &[History]),
        (message(alert("b"), 20_000), &[Alerts]),
        (message(alert("a"), 20_000), &[Alerts]),
        (message(unknown.clone(), 20_000), &[Unshown]),
        (message(unknown, 21_000), &[Unshown]),
        (malformed(22_000), &[Unshown]),
        (lost.clone(), &[History]),
        (message(point(60.0), 60_000), &[History]),
        (
            Event::Layout(Box::new(layout)),
            &[L, Stats, Samples, History, Unshown],
        ),
        (Event::Dashboards(Vec::new()), &[]),
        (Event::ChooseDashboard, &[Dashboards]),
        (Event::NewPageVersion, &[PageVersion]),
    ] {
        let changed = model.apply(event.clone());
        assert_eq!(changed, Changed::of(expected), "{event:?}");
        let again = model.apply(event.clone());
        assert_eq!(again, Changed::NOTHING, "again: {event:?}");
    }
    assert_eq!(model.history().gaps(&model.layout().chart[0]).len(), 1);
    let mended = Event::CaughtUp {
        after: at(20_000).order,
        complete: true,
    };
    assert_eq!(model.apply(mended), Changed::of(&[History]));
}
