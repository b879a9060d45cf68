//! A page that the hub drew: it connects with the token in it and fetches what is newer.

use super::catching_up::{GREETING, after, asked, newest, points};
use super::*;
use crate::feed::HeadStart;
use crate::model::Snapshot;

/// The hub's clock when it drew the page.
const HUB_TIME: f64 = EPOCH - 3_600_000.0;

/// A page that arrived a second ago, and was drawn with these messages.
fn drawn(endpoints: Endpoints, grant: &str, messages: &[String]) -> Bench {
    let json = format!(
        r#"{{"grant":{{"token":"t","channel":"c","time":{HUB_TIME}{grant}}},"messages":[{}],"query":""}}"#,
        messages.join(",")
    );
    let head_start = HeadStart {
        snapshot: Snapshot::parse(&json).expect("a snapshot").into(),
        arrived_at: EPOCH - 1_000.0,
    };
    let model = head_start.model(&endpoints);
    Bench {
        model,
        ..Bench::starting(endpoints, Some(head_start))
    }
}

fn start(messages: &[String]) -> Bench {
    drawn(Bench::endpoints(), "", messages)
}

/// From the start to the subscription; returns the request for stored messages.
fn arrive(bench: &mut Bench) -> Option<String> {
    let actions = bench.input(Input::Start);
    assert_eq!(fetches(&actions), 0);
    let open = Action::Open {
        conn: ConnId(1),
        url: bench.machine.cx.endpoints.connect_url("t"),
    };
    assert!(actions.contains(&open), "{actions:?}");
    bench.opened(1);
    bench.text(1, GREETING);
    asked(&bench.text(1, &subscribed("c")))
}

#[test]
fn it_connects_at_once_and_fetches_what_is_newer() {
    let mut bench = start(&[stats(&ulid(2), 2), stats(&ulid(3), 3)]);
    assert_eq!(bench.users(), [2.0, 3.0], "before it starts");
    assert_eq!(arrive(&mut bench), after(3));
    let listed = format!(r#"{{"messages":[{}]}}"#, stats(&ulid(4), 4));
    bench.input(Input::Listed(ConnId(1), "c".into(), answer(200, &listed)));
    assert_eq!(bench.users(), [2.0, 3.0, 4.0]);
    assert_eq!(*bench.model.connection(), Connection::Live);
}

#[test]
fn it_tells_where_older_points_are_if_the_hub_reaches_back() {
    let mut bench = drawn(Bench::endpoints(), r#","history":86400"#, &[]);
    assert_eq!(bench.model.reach().seconds, 86_400.0);
    arrive(&mut bench);
    let url = bench.model.reach().url.as_str();
    assert!(
        url.contains("/connection/summarizePoints?connectionId="),
        "{url}"
    );
    assert!(url.ends_with("&channel=c"), "{url}");
    let mut elsewhere = start(&[]);
    arrive(&mut elsewhere);
    assert_eq!(elsewhere.model.reach().url, "");
}

#[test]
fn older_points_follow_if_there_may_be_some() {
    for (count, then) in [(20, newest("chart-data", 100)), (19, None)] {
        let mut bench = start(&points(1..=count));
        assert_eq!(arrive(&mut bench), after(count));
        let nothing = || Input::Listed(ConnId(1), "c".into(), answer(200, r#"{"messages":[]}"#));
        assert_eq!(asked(&bench.input(nothing())), then, "{count} points");
        assert_eq!(asked(&bench.input(nothing())), None);
    }
}

#[test]
fn without_stored_messages_everything_is_fetched() {
    let mut bench = start(&[]);
    assert_eq!(arrive(&mut bench), newest("chart-data", 20));
}

#[test]
fn times_are_by_the_viewers_clock_from_the_start() {
    let five_seconds_before = ulid_at(HUB_TIME - 5_000.0, 1);
    let mut bench = start(&[stats(&five_seconds_before, 1)]);
    let updated_at = |bench: &Bench| {
        let users = bench.model.stats().get("activeUsers");
        users.expect("a value").updated_at
    };
    assert_eq!(updated_at(&bench), EPOCH - 6_000.0);
    arrive(&mut bench);
    assert_eq!(updated_at(&bench), EPOCH - 6_000.0);
    // Published when the page had arrived one second ago.
    bench.text(1, &stats(&ulid_at(HUB_TIME + 1_000.0, 2), 2));
    assert_eq!(updated_at(&bench), EPOCH);
}

#[test]
fn an_expired_token_is_replaced() {
    let mut bench = start(&[stats(&ulid(3), 3)]);
    bench.input(Input::Start);
    let refused = SocketError::Connect("no connection".into());
    bench.input(Input::Opened(ConnId(1), Err(refused)));
    let expired = r#"{"error":{"code":"EXPIRED","message":"The token has expired."}}"#;
    let actions = bench.probe(401, expired);
    assert!(matches!(
        connections(&actions)[..],
        [Connection::Reconnecting { .. }]
    ));
    assert_eq!(fetches(&bench.wake()), 1);
    bench.token(200, TOKEN);
    bench.opened(2);
    bench.text(2, GREETING);
    assert_eq!(asked(&bench.text(2, &subscribed("c"))), after(3));
    assert_eq!(bench.users(), [3.0]);
}

#[test]
fn a_viewer_who_must_choose_does_not_connect() {
    let dashboards = r#","dashboards":[{"name":"a","title":"A"},{"name":"b","title":"B"}]"#;
    let endpoints = Endpoints {
        may_choose: true,
        ..Bench::endpoints()
    };
    let mut bench = drawn(endpoints, dashboards, &[]);
    assert!(*bench.model.must_choose());
    let opens = |action: &Action| matches!(action, Action::Open { .. });
    assert!(!bench.input(Input::Start).iter().any(opens));
    assert!(bench.machine.is_over());
}
