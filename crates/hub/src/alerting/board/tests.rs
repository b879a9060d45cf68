//! Which alerts are due after which messages, also of other hubs and after a restart.

use live_dashboard_protocol::name::{ChannelName, EventName};
use proptest::prelude::*;
use serde_json::value::to_raw_value;
use serde_json::{Value as Data, json};

use super::*;
use crate::dashboards::parse;

const LAYOUT: &str = r#"
title = "Operations"
no_data_alert = 3

[[stat]]
key = "errorRate"
label = "Error rate"
format = "percent"
better = "lower"
warning = 0.02
critical = 0.05
alert = true

[[gauge]]
title = "Load"
key = "load"
channel = "other"
better = "lower"
critical = 10
alert = true
for = "1m"

[[chart]]
title = "Response time"
format = "milliseconds"
better = "lower"
critical = 500
alert = true
series = [{ key = "p95" }]

[[status]]
items = [{ key = "db", label = "Database" }]
alert = true
"#;

/// When the boards' clock was 0, in milliseconds since the Unix epoch.
const START: u64 = 1_800_000_000_000;

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).expect("valid")
}

fn rules(text: &str) -> Arc<Rules> {
    let definition = parse(text).expect("a layout");
    let layout = definition.layout.qualify("ops");
    Arc::new(Rules::new(
        "ops",
        &channel("ops"),
        &layout,
        &definition.alerting,
    ))
}

/// A message published at this time.
fn message(on: &str, event: &str, data: &impl serde::Serialize, at: f64) -> Message {
    Message {
        id: Ulid::from_parts(START + (at * 1000.0) as u64, rand::random()),
        channel: channel(on),
        event: EventName::new(event).expect("valid"),
        data: to_raw_value(data).expect("JSON"),
    }
}

fn stats(data: &Data, at: f64) -> Message {
    message("ops", "stats-update", data, at)
}

fn point(p95: f64, timestamp: f64, at: f64) -> Message {
    let timestamp = START as f64 / 1000.0 + timestamp;
    message(
        "ops",
        "chart-data",
        &json!({"timestamp": timestamp, "p95": p95}),
        at,
    )
}

/// A board, as the hub that publishes has it, and what it has published.
struct Hub {
    board: Board,
    published: Vec<Message>,
}

impl Hub {
    fn new(text: &str) -> Self {
        let board = Board::new(rules(text), 0.0);
        let published = Vec::new();
        Self { board, published }
    }

    /// The same hub after a restart, at a time.
    fn restarted(&self, text: &str, now: f64) -> Self {
        let mut board = Board::new(rules(text), now);
        for message in &self.published {
            let at = (message.id.timestamp_ms() - START) as f64 / 1000.0;
            board.restore(message, at);
        }
        let published = Vec::new();
        Self { board, published }
    }

    /// Publishes what is due: level, status and text of each alert.
    fn publish(&mut self, now: f64) -> Vec<String> {
        let due = self.board.due(now, Some(1800.0));
        let tell = |due: Due| {
            let unix = START as f64 / 1000.0 + now;
            let message = message("ops", "alert", &due.shown(unix, now), now);
            self.board.hear(&message, now);
            let data: Data = serde_json::from_str(message.data.get()).expect("JSON");
            self.published.push(message);
            let text = |field: &str| data[field].as_str().expect("text").to_owned();
            format!("{} {}: {}", text("level"), text("status"), text("message"))
        };
        due.into_iter().map(tell).collect()
    }

    fn after(&mut self, message: &Message, at: f64) -> Vec<String> {
        self.board.hear(message, at);
        self.publish(at)
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_value_raises_updates_and_resolves_one_alert() {
    let mut hub = Hub::new(LAYOUT);
    let mut after = |rate: f64, at| hub.after(&stats(&json!({"errorRate": rate}), at), at);
    assert_eq!(after(0.02, 1.0), NOTHING);
    let expected = ["warning firing: Error rate is 3.0%, above 2.0%"];
    assert_eq!(after(0.03, 2.0), expected);
    assert_eq!(after(0.031, 10.0), NOTHING);
    let expected = ["error firing: Error rate is 6.1%, above 5.0% for 18 s"];
    assert_eq!(after(0.061, 20.0), expected);
    let expected = ["warning firing: Error rate is 2.0%, not clearly below 2.0% for 28 s"];
    assert_eq!(after(0.0195, 30.0), expected);
    let expected = ["info resolved: Error rate is 1.0%, no longer above 2.0%, after 38 s"];
    assert_eq!(after(0.01, 40.0), expected);
    let keys = hub.published.iter().map(|message| {
        let data: Data = serde_json::from_str(message.data.get()).expect("JSON");
        (
            data["key"].clone(),
            data["startsAt"].clone(),
            data["endsAt"].clone(),
        )
    });
    let keys: Vec<_> = keys.collect();
    let started = "2027-01-15T08:00:02Z";
    assert!(
        keys.iter()
            .all(|(key, ..)| key == "threshold ops stat errorRate")
    );
    assert!(
        keys.iter().all(|(_, start, _)| start == started),
        "{keys:?}"
    );
    assert_eq!(keys[2].2, Data::Null);
    assert_eq!(keys[3].2, "2027-01-15T08:00:40Z");
}

#[test]
fn what_is_no_value_changes_nothing() {
    let mut hub = Hub::new(LAYOUT);
    hub.after(&stats(&json!({"errorRate": 0.09}), 1.0), 1.0);
    for (n, data) in [
        json!({}),
        json!({"errorRate": null}),
        json!({"errorRate": "0.01"}),
        json!({"errorRate": [0.01]}),
        json!({"errorRate": {"a": 0}}),
        json!({"other": 0}),
        json!([0.01]),
        json!("0.01"),
    ]
    .iter()
    .enumerate()
    {
        let at = 10.0 * (n + 1) as f64;
        assert_eq!(hub.after(&stats(data, at), at), NOTHING, "{data}");
    }
    assert!(hub.board.is_firing());
    // A metric of the same name on another channel is another one.
    let other = message("other", "stats-update", &json!({"errorRate": 0}), 85.0);
    assert_eq!(hub.after(&other, 85.0), NOTHING);
    let good = stats(&json!({"errorRate": 0}), 89.0);
    assert_eq!(hub.after(&good, 89.0).len(), 1);
}

#[test]
fn a_state_must_last_and_values_may_be_of_another_channel() {
    let mut hub = Hub::new(LAYOUT);
    let load = |load: f64, at| message("other", "stats-update", &json!({"load": load}), at);
    let alive = |hub: &mut Hub, at| hub.after(&stats(&json!({}), at), at);
    hub.after(&load(12.0, 0.0), 0.0);
    assert_eq!(alive(&mut hub, 25.0), NOTHING);
    assert_eq!(alive(&mut hub, 50.0), NOTHING);
    let expected = ["error firing: Load is 12, above 10 for 1 min"];
    assert_eq!(alive(&mut hub, 60.0), expected);
    assert_eq!(hub.after(&load(9.8, 65.0), 65.0), NOTHING);
    let expected = ["info resolved: Load is 9, no longer above 10, after 1 min 10 s"];
    assert_eq!(hub.after(&load(9.0, 70.0), 70.0), expected);
}

#[test]
fn states_are_judged() {
    let mut hub = Hub::new(LAYOUT);
    let mut after = |state: Data, at| hub.after(&stats(&json!({"db": state}), at), at);
    assert_eq!(after(json!("up"), 1.0), NOTHING);
    assert_eq!(
        after(json!("down"), 2.0),
        ["error firing: Database is down"]
    );
    assert_eq!(
        after(json!("degraded"), 9.0),
        ["warning firing: Database is degraded for 7 s"]
    );
    assert_eq!(
        after(json!(true), 20.0),
        ["info resolved: Database is Yes, after 18 s"]
    );
}

#[test]
fn the_newest_point_counts_whenever_it_comes() {
    let mut hub = Hub::new(LAYOUT);
    assert_eq!(hub.after(&point(100.0, 10.0, 10.0), 10.0), NOTHING);
    assert_eq!(hub.after(&point(900.0, 9.0, 11.0), 11.0), NOTHING, "late");
    assert_eq!(
        hub.after(&point(900.0, 900.0, 12.0), 12.0),
        NOTHING,
        "in the future"
    );
    let bad = point(900.0, 13.0, 13.0);
    let expected = ["error firing: Response time is 900 ms, above 500 ms"];
    assert_eq!(hub.after(&bad, 13.0), expected);
    assert_eq!(hub.after(&point(1.0, 12.0, 20.0), 20.0), NOTHING, "late");
    let same_time = point(1.0, 13.0, 21.0);
    assert_eq!(hub.after(&same_time, 21.0).len(), 1, "a correction");
    assert_eq!(hub.after(&bad, 30.0), NOTHING, "a duplicate");
}

#[test]
fn nothing_for_long_is_an_alert_until_something_comes() {
    let mut hub = Hub::new(LAYOUT);
    assert_eq!(hub.publish(29.0), NOTHING);
    let expected = ["error firing: No data from Operations for 30 s"];
    assert_eq!(hub.publish(30.0), expected);
    assert_eq!(hub.publish(300.0), NOTHING, "its own alert is no data");
    let source = json!({"level": "error", "message": "m", "key": "source ops 1 scrape"});
    for own in [
        message("ops", "alert", &source, 301.0),
        message("ops", "live-dashboard.layout", &json!({}), 302.0),
        message("other", "stats-update", &json!({}), 303.0),
    ] {
        assert_eq!(hub.after(&own, 303.0), NOTHING);
    }
    let alert = json!({"level": "info", "message": "deployed"});
    let expected = ["info resolved: Data from Operations arrives again, after 6 min 30 s"];
    assert_eq!(
        hub.after(&message("ops", "alert", &alert, 390.0), 390.0),
        expected
    );
    assert_eq!(hub.publish(419.0), NOTHING);
    assert_eq!(hub.publish(420.0).len(), 1);
    let without = LAYOUT.replace("no_data_alert = 3", "");
    assert_eq!(Hub::new(&without).publish(1e6), NOTHING);
}

#[test]
fn what_flaps_changes_its_alert_at_most_every_few_seconds() {
    let mut hub = Hub::new(LAYOUT);
    let mut changes = 0;
    for n in 0..1000 {
        let at = f64::from(n) / 10.0;
        let state = if n % 2 == 0 { "down" } else { "up" };
        changes += hub.after(&stats(&json!({"db": state}), at), at).len();
    }
    assert!((2..=21).contains(&changes), "{changes} in 100 s");
}

#[test]
fn what_fires_is_published_again_while_it_is_stored() {
    let text = LAYOUT.replace("no_data_alert = 3", "");
    let mut hub = Hub::new(&text);
    hub.after(&stats(&json!({"db": "down"}), 0.0), 0.0);
    assert_eq!(hub.publish(1799.0), NOTHING);
    assert_eq!(
        hub.publish(1800.0),
        ["error firing: Database is down for 30 min"]
    );
    assert_eq!(hub.publish(3599.0), NOTHING);
    assert_eq!(hub.board.due(1e9, None), [], "not without a history");
}

#[test]
fn a_restart_neither_raises_again_nor_forgets_to_resolve() {
    let mut before = Hub::new(LAYOUT);
    let bad = json!({"errorRate": 0.09, "db": "down"});
    assert_eq!(before.after(&stats(&bad, 0.0), 0.0).len(), 2);
    assert_eq!(before.publish(30.0).len(), 1, "no data");
    let mut hub = before.restarted(LAYOUT, 100.0);
    assert_eq!(hub.publish(500.0), NOTHING);
    // Within the hysteresis.
    let good = json!({"errorRate": 0.0191, "db": "up"});
    let resolved = hub.after(&stats(&good, 510.0), 510.0);
    let expected = [
        "warning firing: Error rate is 1.9%, not clearly below 2.0% for 8 min 30 s",
        "info resolved: Database is up, after 8 min 30 s",
        "info resolved: Data from Operations arrives again, after 8 min 30 s",
    ];
    assert_eq!(resolved, expected);
    // It is refreshed with the text that is known.
    let mut silent = before.restarted(&LAYOUT.replace("no_data_alert = 3", ""), 100.0);
    let expected = ["info resolved: No longer watched: No data from Operations for 30 s"];
    assert_eq!(silent.publish(100.0), expected);
    let refreshed = silent.publish(1800.0);
    assert_eq!(refreshed[1], "error firing: Database is down");
}

#[test]
fn what_was_resolved_before_a_restart_is_forgotten() {
    let mut before = Hub::new(LAYOUT);
    before.publish(30.0);
    before.after(&stats(&json!({"db": "down"}), 40.0), 40.0);
    before.after(&stats(&json!({"db": "up"}), 50.0), 50.0);
    assert_eq!(before.published.len(), 4);
    let mut hub = before.restarted(LAYOUT, 60.0);
    assert_eq!(hub.publish(89.0), NOTHING);
    assert_eq!(
        hub.publish(90.0),
        ["error firing: No data from Operations for 30 s"]
    );
}

#[test]
fn what_no_longer_alerts_is_resolved() {
    let mut before = Hub::new(LAYOUT);
    let bad = json!({"errorRate": 0.09, "db": "down"});
    before.after(&stats(&bad, 0.0), 0.0);
    let of_others = json!({"level": "error", "message": "m", "key": "threshold ops2 stat a", "status": "firing"});
    before
        .published
        .push(message("ops", "alert", &of_others, 1.0));
    let text = "title = \"Operations\"\n";
    let mut hub = before.restarted(text, 10.0);
    let mut resolved = hub.publish(10.0);
    resolved.sort();
    let expected = [
        "info resolved: No longer watched: Database is down",
        "info resolved: No longer watched: Error rate is 9.0%, above 5.0%",
    ];
    assert_eq!(resolved, expected);
    assert!(!hub.board.is_firing());
    assert_eq!(hub.publish(1e6), NOTHING);
}

#[test]
fn other_rules_judge_what_is_known() {
    let text = LAYOUT.replace("no_data_alert = 3", "");
    let mut hub = Hub::new(&text);
    let bad = json!({"errorRate": 0.09, "db": "down"});
    assert_eq!(hub.after(&stats(&bad, 0.0), 0.0).len(), 2);
    let change = |hub: &mut Hub, from: &str, to: &str, at| {
        hub.board.set_rules(rules(&text.replace(from, to)), at);
        hub.publish(at)
    };
    let expected = ["warning firing: Error rate is 9.0%, above 2.0% for 10 s"];
    assert_eq!(change(&mut hub, "0.05", "0.1", 10.0), expected);
    assert_eq!(change(&mut hub, "0.05", "0.08", 20.0).len(), 1);
    let expected = ["info resolved: No longer watched: Error rate is 9.0%, above 8.0% for 20 s"];
    let alert = "critical = 0.05\nalert = true";
    assert_eq!(change(&mut hub, alert, "", 30.0), expected);
    let expected = ["error firing: Error rate is 9.0%, above 5.0%"];
    hub.board.set_rules(rules(&text), 40.0);
    assert_eq!(hub.publish(40.0), NOTHING, "it has had no value since then");
    assert_eq!(hub.after(&stats(&bad, 41.0), 41.0), expected);
    // Silence counts from when it matters.
    hub.board.set_rules(rules("title = \"Operations\"\n"), 50.0);
    assert_eq!(hub.publish(60.0).len(), 2);
    hub.board.set_rules(rules(LAYOUT), 1000.0);
    assert_eq!(hub.publish(1029.0), NOTHING);
    assert_eq!(
        hub.publish(1030.0),
        ["error firing: No data from Operations for 30 s"]
    );
}

#[test]
fn alerts_that_others_publish_take_no_memory() {
    let mut hub = Hub::new(LAYOUT);
    for n in 0..1000 {
        let key = format!("threshold ops stat {n}");
        let alert = json!({"level": "error", "message": "m", "key": key, "status": "firing"});
        hub.board.hear(&message("ops", "alert", &alert, 1.0), 1.0);
    }
    assert_eq!(hub.board.known.len(), 0);
}

/// A message of any kind, and the time until the next.
fn any_message() -> impl Strategy<Value = (String, Data, f64)> {
    let number = prop_oneof![0.0..0.1_f64, 0.0..1000.0_f64];
    let states = prop_oneof![Just("up"), Just("down"), Just("degraded"), Just("?")];
    let times = -100.0..200.0_f64;
    let data = prop_oneof![
        number
            .clone()
            .prop_map(|n| ("stats-update", json!({"errorRate": n}))),
        states.prop_map(|state| ("stats-update", json!({"db": state, "errorRate": "x"}))),
        (number, times).prop_map(|(n, time)| {
            let timestamp = START as f64 / 1000.0 + time;
            ("chart-data", json!({"timestamp": timestamp, "p95": n}))
        }),
        Just((
            "alert",
            json!({"message": "m", "key": "threshold ops status db", "status": "resolved"})
        )),
        Just(("chart-data", json!({"timestamp": "now"}))),
        Just(("stats-update", json!([1, null]))),
    ];
    (data, 0.0..20.0_f64).prop_map(|((event, data), wait)| (event.to_owned(), data, wait))
}

proptest! {
    #[test]
    fn hubs_agree_and_come_to_rest(
        messages in prop::collection::vec(any_message(), 1..40),
        restart in 0..40_usize,
    ) {
        let mut hub = Hub::new(LAYOUT);
        let mut other = Board::new(rules(LAYOUT), 0.0);
        let mut at = 0.0;
        for (n, (event, data, wait)) in messages.iter().enumerate() {
            at += wait;
            let message = message("ops", event, data, at);
            hub.board.hear(&message, at);
            other.hear(&message, at);
            if event == "alert" {
                hub.published.push(message.clone());
            }
            let known = hub.published.len();
            hub.publish(at);
            for message in &hub.published[known..] {
                other.hear(message, at);
            }
            let due = hub.board.due(at, None);
            prop_assert_eq!(&other.due(at, None), &due);
            // Twice is as good as once.
            hub.board.hear(&message, at);
            prop_assert_eq!(hub.board.due(at, None), due);
            if n == restart {
                let mut new = hub.restarted(LAYOUT, at).board;
                let again = new.due(at, None);
                prop_assert!(again.iter().all(|due| due.is_known), "raised again: {again:?}");
            }
        }
        let later = at + MIN_INTERVAL;
        hub.publish(later);
        prop_assert_eq!(hub.board.due(later, None), []);
    }
}
